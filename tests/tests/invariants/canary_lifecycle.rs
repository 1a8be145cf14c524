//! What becomes of a port-out that a secret confirmed, and every list in which it shows up.

use std::time::{Duration, Instant};

use harness::prelude::*;

use crate::canary_requests::{ACCOUNT, NAME, NUMBERS, REFERENCE, Tour, ZIP};

/// Longer than an event takes to be listed.
const PATIENCE: Duration = Duration::from_secs(40);

impl Tour<'_> {
    /// Ends port-outs in every way, and shows them to every reader that may see them.
    pub async fn through_its_life(&self, confirmed: &str) {
        self.under_protection().await;
        self.lists(confirmed).await;
        let release = format!("/v1/port-outs/{confirmed}/release");
        let mut body = json!({"authority": "carrier", "reference": REFERENCE, "obtained_at": self.stack.now().to_string()});
        self.refused_with_the_secret(|| self.desks("POST", &release), &body, &["authority", "obtained_at"])
            .await;
        body["obtained_at"] = json!(self.stack.now().to_string());
        let released = self.desks("POST", &release).json(&body).send().await.assert_json(200);
        assert_eq!(released["status"], "cancelled");
        self.activated().await;
        self.cancelled().await;
        self.events().await;
    }

    /// Sends a body with the secret in each of these fields, in two that do not exist, and as the whole body.
    async fn refused_with_the_secret(&self, call: impl Fn() -> CallBuilder, body: &Value, fields: &[&str]) {
        for name in fields.iter().chain(&["pin", self.secret]) {
            let answer = call().json(&with(body, name, self.secret)).send().await;
            assert!([400, 422].contains(&answer.status), "{} {name} {}", answer.call, answer.status);
        }
        call().json(&self.secret).send().await.assert_status(400);
    }

    /// Brings the secret while the account is protected.
    async fn under_protection(&self) {
        let protection = format!("/v1/accounts/{ACCOUNT}/port-protection");
        let body = json!({"enabled": true});
        self.refused_with_the_secret(|| self.admins("PUT", "/port-protection"), &body, &["enabled"]).await;
        self.switch_protection(true).await.assert_status(200);
        let refused = self.submit("P-1", ACCOUNT, NUMBERS[0]).await.assert_json(201);
        assert_eq!(rejection_codes(&refused), ["port_protection_on"]);
        let body =
            json!({"enabled": false, "reference": REFERENCE, "obtained_at": self.stack.now().to_string()});
        self.refused_with_the_secret(|| self.desks("PUT", &protection), &body, &["enabled", "obtained_at"])
            .await;
        self.desks("PUT", &protection).json(&body).send().await.assert_status(200);
    }

    /// Reads everything in which the port-out shows up.
    async fn lists(&self, confirmed: &str) {
        let of_account = format!("/v1/accounts/{ACCOUNT}/port-outs");
        for call in [
            self.admins("GET", "/port-outs"),
            self.admins("GET", "/port-outs?status=confirmed"),
            self.desks("GET", &of_account),
            self.desks("GET", &format!("/v1/port-outs?account_number={ACCOUNT}")),
            self.desks("GET", "/v1/port-outs?spid=C0DE&pon=R-1"),
            self.carriers("GET", "/v1/port-outs"),
            self.admins("GET", "/port-protection"),
            self.desks("GET", &format!("/v1/telephone-numbers/{}", NUMBERS[0])),
            self.stack.call("GET", &format!("/v1/port-outs/{confirmed}")).by(&Claims::account(ACCOUNT)),
        ] {
            let answer = call.send().await;
            answer.assert_status(200);
            assert!(answer.text().contains(confirmed), "{} {}", answer.call, answer.text());
        }
    }

    /// Ports the number that the secret confirmed, and gives it back.
    async fn activated(&self) {
        let id = self.confirmed("L-1").await;
        let path = format!("/v1/port-outs/{id}/activations");
        let body = json!({"telephone_numbers": [NUMBERS[0]]});
        let fields = ["telephone_numbers", "activated_at"];
        self.refused_with_the_secret(|| self.desks("POST", &path), &body, &fields).await;
        let activated = self.desks("POST", &path).json(&body).send().await.assert_json(200);
        assert_eq!(activated["status"], "completed");
        self.stack.assign(ACCOUNT, &[NUMBERS[0]]).await.assert_status(200);
    }

    /// Cancels what the secret confirmed, which locks it, and brings it again.
    async fn cancelled(&self) {
        let id = self.confirmed("L-2").await;
        let body = json!({"statement": "not_authorized", "name": NAME});
        self.refused_with_the_secret(|| self.cancellation(&id), &body, &["statement"]).await;
        let cancelled = self.cancellation(&id).json(&body).send().await.assert_json(200);
        assert_eq!(cancelled["status"], "cancelled");
        let refused = self.submit("L-3", ACCOUNT, NUMBERS[0]).await.assert_json(201);
        assert_eq!(rejection_codes(&refused), ["pin_locked"]);
        let same = "The PIN is the one that is locked. Set a different one.";
        self.set().await.assert_refused(&invalid(&[error_because("/pin", "pin_unchanged", same)]));
        self.admins("GET", "/port-out-pin").send().await.assert_status(200);
    }

    async fn confirmed(&self, pon: &str) -> String {
        let order = json!({"pon": pon, "account_number": ACCOUNT, "pin": self.secret, "zip_code": ZIP,
            "telephone_numbers": [NUMBERS[0]]});
        let confirmed = self.port_out(&order).await.assert_json(201);
        assert_eq!(confirmed["status"], "confirmed", "{confirmed}");
        confirmed["id"].as_str().unwrap().to_owned()
    }

    /// Reads the events, once they are old enough to be listed.
    async fn events(&self) {
        let began = Instant::now();
        loop {
            let events = self.admins("GET", "/events?limit=200").send().await.assert_json(200);
            let of_desk = self.desks("GET", &format!("/v1/accounts/{ACCOUNT}/events")).send().await;
            of_desk.assert_status(200);
            let kinds: Vec<_> =
                events["events"].as_array().unwrap().iter().map(|it| it["type"].as_str()).collect();
            if ["port_out.activated", "port_out.cancelled", "pin.locked"]
                .iter()
                .all(|it| kinds.contains(&Some(it)))
            {
                return;
            }
            assert!(began.elapsed() < PATIENCE, "{kinds:?}");
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }
}
