//! Everything that the API does, once, so that each function makes every kind of call that it ever makes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use harness::client::{Answer, CallBuilder};
use harness::stack::{Stack, order};
use jiff::{Timestamp, ToSpan};
use ring::hmac;
use serde_json::{Value, json};
use shared::business_days::Holidays;

const PIN: &str = "482913";
const WRONG: &str = "750264";
const ACCOUNT: &str = "CONTOSO";
const OTHER: &str = "FABRIKAM";

/// One of the numbers that the accounts share out: 0 to 5 are [`ACCOUNT`]'s, 6 and 7 [`OTHER`]'s.
fn tn(line: usize) -> String {
    format!("+120655501{line:02}")
}

/// The traveller.
pub struct Tour<'a>(pub &'a Stack);

impl Tour<'_> {
    /// Everything that goes well or is refused as it should be.
    pub async fn everywhere(&self) {
        self.accounts().await;
        self.pins().await;
        self.port_outs().await;
        self.standard_webhooks().await;
        self.bandwidth().await;
        self.removals().await;
    }

    fn operator(&self, method: &str, path: &str) -> CallBuilder {
        self.0.call(method, &format!("/v1{path}")).bearer(&self.0.tokens().operator())
    }

    async fn accounts(&self) {
        let whole = json!({"country": "US", "name": "Contoso", "zip_code": "98052"});
        for (account, body, status) in [
            (ACCOUNT, whole.clone(), 201),
            (ACCOUNT, json!({"country": "US"}), 200),
            (ACCOUNT, whole.clone(), 200),
            (OTHER, whole, 201),
        ] {
            self.0.put_account(account, &body).await.assert_status(status);
        }
        for (account, lines) in [(ACCOUNT, 0..6), (OTHER, 6..8)] {
            let numbers: Vec<_> = lines.map(tn).collect();
            let numbers: Vec<_> = numbers.iter().map(String::as_str).collect();
            self.0.assign(account, &numbers).await.assert_status(200);
            let path = format!("/accounts/{account}/telephone-numbers?limit=1");
            self.operator("GET", &path).send().await.assert_status(200);
            self.operator("GET", &format!("/accounts/{account}")).send().await.assert_status(200);
        }
    }

    async fn pins(&self) {
        self.0.set_pin(ACCOUNT, WRONG).await.assert_status(201);
        self.0.set_pin(ACCOUNT, PIN).await.assert_status(200);
        self.0.set_pin(OTHER, PIN).await.assert_status(201);
        self.0.pin_state(ACCOUNT).await.assert_status(200);
        self.operator("DELETE", &format!("/accounts/{ACCOUNT}/port-out-pin")).send().await.assert_status(405);
    }

    /// Submits an order of some lines; returns its answer.
    async fn submit(&self, pon: &str, version: &str, account: &str, pin: &str, lines: &[usize]) -> Answer {
        let numbers: Vec<_> = lines.iter().copied().map(tn).collect();
        let numbers: Vec<_> = numbers.iter().map(String::as_str).collect();
        let mut body = order(pon, account, pin, &numbers);
        body["version"] = version.into();
        body["desired_due_date"] = far().into();
        self.0.submit("A123", &body).await
    }

    async fn port_outs(&self) {
        for (pon, version, account, pin, lines, told) in [
            // New, then a version with fewer numbers, then one of another account.
            ("TX-1", "01", ACCOUNT, PIN, &[0, 1][..], (201, "confirmed")),
            ("TX-1", "01", ACCOUNT, PIN, &[0, 1][..], (200, "confirmed")),
            ("TX-1", "02", ACCOUNT, PIN, &[0][..], (201, "confirmed")),
            ("TX-1", "03", OTHER, PIN, &[6][..], (201, "confirmed")),
            // Refused for numbers, for the account, for the PIN; the right one ends the count.
            ("TX-2", "01", ACCOUNT, PIN, &[6, 40][..], (201, "rejected")),
            ("TX-3", "01", OTHER, PIN, &[6][..], (201, "rejected")),
            ("TX-4", "01", "NOSUCH", PIN, &[0][..], (201, "rejected")),
            ("TX-5", "01", ACCOUNT, WRONG, &[2][..], (201, "rejected")),
            ("TX-6", "01", ACCOUNT, PIN, &[2][..], (201, "confirmed")),
        ] {
            let answer = self.submit(pon, version, account, pin, lines).await;
            let body = answer.assert_json(told.0);
            assert_eq!(body["status"], told.1, "{pon} {version}: {body}");
            let id = body["id"].as_str().expect("an id");
            let carrier = self.0.tokens().carrier("A123");
            self.0.get(&format!("/v1/port-outs/{id}"), &carrier).await.assert_status(200);
        }
        self.submit("TX-6", "01", ACCOUNT, WRONG, &[2]).await.assert_status(409);
        self.submit("TX-6", "01", ACCOUNT, PIN, &[2]).await.assert_status(200);
    }

    async fn standard_webhooks(&self) {
        let path = "/webhook-sources/acme";
        let source = json!({"kind": "standard-webhooks", "spid": "A123", "name": "Acme"});
        self.operator("PUT", path).json(&source).send().await.assert_status(201);
        self.operator("PUT", path).json(&source).send().await.assert_status(200);
        self.operator("GET", path).send().await.assert_status(200);
        let rotated = self.operator("POST", &format!("{path}/rotate")).send().await.assert_json(200);
        let secret = rotated["secret"].as_str().expect("a secret");
        let body = |pin| order("WH-1", ACCOUNT, pin, &[&tn(3)]);
        self.deliver(secret, "first", &body(PIN)).await.assert_status(201);
        self.deliver(secret, "first", &body(PIN)).await.assert_status(200);
        self.deliver(secret, "second", &body(PIN)).await.assert_status(200);
        self.deliver(secret, "third", &body(WRONG)).await.assert_status(409);
        self.deliver(secret, "third", &body(WRONG)).await.assert_status(409);
        self.operator("DELETE", path).send().await.assert_status(204);
        self.operator("PUT", path).json(&source).send().await.assert_status(201);
    }

    /// Delivers JSON as the source `acme`, signed.
    async fn deliver(&self, secret: &str, id: &str, body: &Value) -> Answer {
        let (body, at) = (body.to_string(), Timestamp::now().as_second().to_string());
        let key = STANDARD.decode(secret.strip_prefix("whsec_").expect("whsec_")).expect("base64");
        let tag =
            hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), format!("{id}.{at}.{body}").as_bytes());
        let call = self.0.call("POST", "/v1/webhooks/acme/port-outs");
        let call = call.header("webhook-id", id).header("webhook-timestamp", &at);
        let call = call.header("webhook-signature", &format!("v1,{}", STANDARD.encode(tag)));
        call.body("application/json", body).send().await
    }

    async fn bandwidth(&self) {
        let body = json!({"kind": "bandwidth", "spid": "A123"});
        let source = self.operator("PUT", "/webhook-sources/bw").json(&body).send().await.assert_json(201);
        let password = source["secret"].as_str().expect("a secret");
        for (pon, account, line, portable) in [
            ("BW-1", Some(ACCOUNT), 4, true),
            ("BW-1", Some(ACCOUNT), 4, true),
            ("BW-1", Some(ACCOUNT), 5, true),
            ("BW-2", None, 41, false),
            ("BW-3", Some(ACCOUNT), 2, false),
        ] {
            let text = self.validate("bw", password, &ask(pon, account, line)).await.text();
            assert_eq!(text.contains("<Portable>true"), portable, "{pon}: {text}");
        }
    }

    /// Has a request validated as a source.
    async fn validate(&self, source: &str, password: &str, body: &str) -> Answer {
        let call = self.0.call("POST", &format!("/v1/webhooks/{source}/bandwidth"));
        let basic = format!("Basic {}", STANDARD.encode(format!("{source}:{password}")));
        call.header("authorization", &basic).body("application/xml", body).send().await
    }

    /// A number that a port-out holds stays, one that is free goes, and one that is gone may go again.
    async fn removals(&self) {
        for (line, status) in [(2, 409), (0, 204), (0, 204)] {
            let path = format!("/accounts/{ACCOUNT}/telephone-numbers/{}", tn(line));
            self.operator("DELETE", &path).send().await.assert_status(status);
        }
    }

    /// A right PIN in an order that is confirmed.
    pub async fn accept(&self) -> Answer {
        self.submit("TX-7", "01", OTHER, PIN, &[7]).await
    }

    /// Wrong PINs until the carrier has to wait.
    pub async fn wait(&self) {
        for guess in 0..5 {
            self.submit(&format!("W-{guess}"), "01", ACCOUNT, WRONG, &[0]).await.assert_status(201);
        }
        self.submit("W-5", "01", ACCOUNT, PIN, &[0]).await.assert_problem(429, "too_many_pin_attempts");
    }

    /// One wrong PIN for an account on which nobody waits.
    pub async fn guess(&self) {
        self.submit("L-1", "01", OTHER, WRONG, &[6]).await.assert_status(201);
    }

    /// What Bandwidth is told when a request makes no sense.
    pub async fn confuse_bandwidth(&self) {
        let body = json!({"kind": "bandwidth", "spid": "A123"});
        let source = self.operator("PUT", "/webhook-sources/bw2").json(&body).send().await.assert_json(201);
        let refused = self.validate("bw2", source["secret"].as_str().expect("a secret"), "no XML").await;
        assert!(refused.text().contains("7598"), "{}", refused.text());
    }
}

/// A day on which any port can be done.
fn far() -> String {
    let today = jiff::tz::TimeZone::UTC.to_datetime(Timestamp::now()).date();
    let mut day = today.saturating_add(14.days());
    while !Holidays::UsFederal.is_business_day(day) {
        day = day.tomorrow().expect("a day");
    }
    day.to_string()
}

fn ask(pon: &str, account: Option<&str>, line: usize) -> String {
    let account = account.map(|it| format!("<AccountNumber>{it}</AccountNumber>")).unwrap_or_default();
    let number = tn(line);
    let number = number.trim_start_matches("+1");
    format!(
        "<?xml version=\"1.0\"?><PortOutValidationRequest><PON>{pon}</PON><Pin>{PIN}</Pin>{account}\
         <ZipCode>98052</ZipCode><TelephoneNumbers><TelephoneNumber>{number}</TelephoneNumber></TelephoneNumbers>\
         </PortOutValidationRequest>"
    )
}
