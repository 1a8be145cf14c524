//! Everything that the API does, once, so that each function makes every kind of call that it ever makes.

use harness::api::source_path;
use harness::clients::{bandwidth, standard_webhooks};
use harness::prelude::*;
use jiff::{Timestamp, ToSpan};
use shared::business_days::Holidays;

const OTHER: &str = "FABRIKAM";

/// Returns one of the accounts' numbers: 0 to 9 are [`CONTOSO`]'s, 10 and 11 [`OTHER`]'s.
fn number(line: usize) -> String {
    tn(100 + line)
}

/// Makes the calls on a stack.
pub struct Operations<'a>(pub &'a Stack);

impl Operations<'_> {
    /// Everything that goes well or is refused as it should be.
    pub async fn everywhere(&self) {
        self.accounts().await;
        self.pins().await;
        self.port_outs().await;
        self.standard_webhooks().await;
        self.bandwidth().await;
        self.protection().await;
        self.lifecycle().await;
        self.lists().await;
        self.removals().await;
    }

    fn operator(&self, method: &str, path: &str) -> CallBuilder {
        self.0.operator(method, &format!("/v1{path}"))
    }

    async fn accounts(&self) {
        let whole = json!({"country": "US", "name": "Contoso", "zip_codes": ["98052"]});
        for (account, body, status) in [
            (CONTOSO, whole.clone(), 201),
            (CONTOSO, json!({"country": "US"}), 200),
            (CONTOSO, whole.clone(), 200),
            (OTHER, whole, 201),
        ] {
            self.0.put_account(account, &body).await.assert_status(status);
        }
        for (account, lines) in [(CONTOSO, 0..10), (OTHER, 10..12)] {
            let numbers: Vec<_> = lines.map(number).collect();
            self.0.assign(account, &numbers).await.assert_status(200);
            let path = format!("/accounts/{account}/telephone-numbers?limit=1");
            self.operator("GET", &path).send().await.assert_status(200);
            self.operator("GET", &format!("/accounts/{account}")).send().await.assert_status(200);
        }
    }

    async fn pins(&self) {
        self.0.set_pin(CONTOSO, WRONG_PIN).await.assert_status(201);
        self.0.set_pin(CONTOSO, PIN).await.assert_status(200);
        self.0.set_pin(CONTOSO, PIN).await.assert_status(200);
        self.0.set_pin(OTHER, PIN).await.assert_status(201);
        self.0.pin_status(CONTOSO).await.assert_status(200);
        self.operator("DELETE", &format!("/accounts/{CONTOSO}/port-out-pin")).send().await.assert_status(405);
    }

    /// Submits an order of some lines; returns its answer.
    async fn submit(&self, pon: &str, version: &str, account: &str, pin: &str, lines: &[usize]) -> Answer {
        let numbers: Vec<_> = lines.iter().copied().map(number).collect();
        let mut body = order(pon, account, pin, &numbers);
        body["version"] = version.into();
        body["desired_due_date"] = far().into();
        self.0.submit("A123", &body).await
    }

    async fn port_outs(&self) {
        for (pon, version, account, pin, lines, told) in [
            // New, then a version with fewer numbers, then another PON that takes the rest over.
            ("TX-1", "01", CONTOSO, PIN, &[0, 1][..], (201, "confirmed")),
            ("TX-1", "01", CONTOSO, PIN, &[0, 1][..], (200, "confirmed")),
            ("TX-1", "02", CONTOSO, PIN, &[0][..], (201, "confirmed")),
            ("TX-3", "01", CONTOSO, PIN, &[0, 1][..], (201, "confirmed")),
            // Refused for numbers, one of them of another owner, for the account, for the PIN; the right one ends the count.
            ("TX-2", "01", CONTOSO, PIN, &[10, 40][..], (201, "rejected")),
            ("TX-4", "01", "NOSUCH", PIN, &[0][..], (201, "rejected")),
            ("TX-5", "01", CONTOSO, WRONG_PIN, &[2][..], (201, "rejected")),
            ("TX-6", "01", CONTOSO, PIN, &[2][..], (201, "confirmed")),
        ] {
            let answer = self.submit(pon, version, account, pin, lines).await;
            let body = answer.assert_json(told.0);
            assert_eq!(body["status"], told.1, "{pon} {version}: {body}");
            let id = body["id"].as_str().expect("an id");
            self.0.port_out("A123", id).await.assert_status(200);
        }
        self.submit("TX-6", "01", CONTOSO, WRONG_PIN, &[2]).await.assert_status(409);
        self.submit("TX-6", "01", CONTOSO, PIN, &[2]).await.assert_status(200);
        self.submit("TX-1", "03", OTHER, PIN, &[10]).await.assert_status(201);
        self.submit("TX-1", "04", CONTOSO, PIN, &[0]).await.assert_problem(409, "pon_conflict");
        // Another carrier finds the number held.
        let pending =
            self.0.submit("B456", &order("TX-1", CONTOSO, PIN, &[number(2)])).await.assert_json(201);
        assert_eq!(pending["rejections"][0]["code"], "pending_port", "{pending}");
        self.supplements().await;
        self.entered_by_the_desk().await;
    }

    /// Moves the due date of an open version, then cancels it.
    async fn supplements(&self) {
        for (version, supplement, status) in [("04", "due_date", "confirmed"), ("05", "cancel", "cancelled")]
        {
            let mut body =
                json!({"pon": "TX-1", "version": version, "account_number": OTHER, "supplement": supplement});
            if supplement == "due_date" {
                body["desired_due_date"] = far().into();
            }
            let done = self.0.submit("A123", &body).await.assert_json(201);
            assert_eq!(done["status"], status, "{done}");
        }
    }

    async fn entered_by_the_desk(&self) {
        let mut body = order("FAX-1", CONTOSO, PIN, &[number(9)]);
        body["spid"] = "B456".into();
        body["channel"] = "fax".into();
        self.0.desk("POST", "/v1/port-outs").json(&body).send().await.assert_status(201);
    }

    async fn standard_webhooks(&self) {
        let (stack, id) = (self.0, "acme");
        let source = json!({"kind": standard_webhooks::KIND, "spid": "A123", "name": "Acme"});
        stack.put_source(id, &source).await.assert_status(201);
        stack.put_source(id, &source).await.assert_status(200);
        stack.operator("GET", &source_path(id)).send().await.assert_status(200);
        stack.rotate(id).await.assert_status(200);
        let sender = stack.sender(id);
        for (delivery, pin, status) in [
            ("first", PIN, 201),
            ("first", PIN, 200),
            ("second", PIN, 200),
            ("third", WRONG_PIN, 409),
            ("third", WRONG_PIN, 409),
        ] {
            let body = order("WH-1", CONTOSO, pin, &[number(3)]);
            stack.send(&sender, delivery, &body).await.assert_status(status);
        }
        stack.delete_source(id).await;
        stack.put_source(id, &source).await.assert_status(201);
    }

    async fn bandwidth(&self) {
        self.0.register(bandwidth::SOURCE, bandwidth::KIND, "A123").await;
        for (pon, account, line, portable) in [
            ("BW-1", Some(CONTOSO), 4, true),
            ("BW-1", Some(CONTOSO), 4, true),
            ("BW-1", Some(CONTOSO), 5, true),
            ("BW-2", None, 41, false),
            ("BW-3", Some(CONTOSO), 41, false),
        ] {
            let request = bandwidth::request(pon).numbers(&[bandwidth::national(&number(line))]);
            let request = if account.is_some() { request } else { request.no_account() };
            let text = self.0.validate(&request).await.text();
            assert_eq!(text.contains("<Portable>true"), portable, "{pon}: {text}");
        }
        self.0.notify(&[&bandwidth::national(&number(5))]).await.assert_status(204);
    }

    /// Switches protection on as the owner and off as the porting desk; a port-out in between is rejected.
    async fn protection(&self) {
        self.0.protect(CONTOSO, true).await.assert_status(200);
        let rejected = self.submit("TX-8", "01", CONTOSO, PIN, &[6]).await.assert_json(201);
        assert_eq!(rejected["rejections"][0]["code"], "port_protection_on", "{rejected}");
        let path = format!("/v1/accounts/{CONTOSO}/port-protection");
        let off = json!({"enabled": false, "reference": "LTR-1", "obtained_at": self.0.now().to_string()});
        self.0.desk("PUT", &path).json(&off).send().await.assert_status(200);
        self.0.get(&path, &Claims::account(CONTOSO)).await.assert_status(200);
    }

    /// Ports a number of a port-out and releases the rest, ports all of one, and has the owner cancel one.
    async fn lifecycle(&self) {
        let [first, second] = [number(6), number(7)];
        let id = self.confirmed("TX-9", &[6, 7]).await;
        for status in [200, 200] {
            self.0.activate(&id, &[&first]).await.assert_status(status);
        }
        self.0.desk("GET", &format!("/v1/telephone-numbers/{first}")).send().await.assert_status(200);
        self.0.release(&id, "carrier").await.assert_status(200);
        let cancelled = self.confirmed("TX-10", &[7]).await;
        self.0.cancel(CONTOSO, &cancelled, "changed_mind").await.assert_status(200);
        let all = self.confirmed("TX-11", &[7]).await;
        let completed = self.0.activate(&all, &[&second]).await.assert_json(200);
        assert_eq!(completed["status"], "completed", "{completed}");
    }

    /// Submits an order with the right PIN; returns its id.
    async fn confirmed(&self, pon: &str, lines: &[usize]) -> String {
        let answer = self.submit(pon, "01", CONTOSO, PIN, lines).await.assert_json(201);
        assert_eq!(answer["status"], "confirmed", "{answer}");
        answer["id"].as_str().expect("an id").to_owned()
    }

    async fn lists(&self) {
        let (owner, carrier, desk) = (Claims::account(CONTOSO), Claims::carrier("A123"), Claims::desk());
        for (path, caller) in [
            (format!("/v1/accounts/{CONTOSO}/port-outs"), &owner),
            (format!("/v1/accounts/{CONTOSO}/port-outs?status=confirmed"), &desk),
            (format!("/v1/accounts/{CONTOSO}/events"), &owner),
            ("/v1/port-outs".to_owned(), &carrier),
        ] {
            self.0.get(&path, caller).await.assert_status(200);
        }
    }

    /// Has the owner cancel a port-out that it did not authorize, which locks its PIN, as the last line tells.
    pub async fn disclose(&self) {
        let id = self.confirmed("TX-12", &[1]).await;
        self.0.cancel(CONTOSO, &id, "not_authorized").await.assert_status(200);
    }

    /// Sets another PIN, and then the usual one, which was locked.
    pub async fn unlock(&self) {
        self.0.set_pin(CONTOSO, WRONG_PIN).await.assert_status(200);
        self.0.set_pin(CONTOSO, PIN).await.assert_status(200);
    }

    /// Removes a number that a port-out holds, which is refused, a free number, and a removed number.
    async fn removals(&self) {
        for (line, status) in [(2, 409), (8, 204), (8, 204)] {
            self.0.remove(CONTOSO, &number(line)).await.assert_status(status);
        }
    }

    /// Submits an order with the right PIN, which is confirmed.
    pub async fn accept(&self) -> Answer {
        self.submit("TX-7", "01", OTHER, PIN, &[11]).await
    }

    /// Wrong PINs until the carrier has to wait.
    pub async fn wait(&self) {
        for guess in 0..5 {
            self.submit(&format!("W-{guess}"), "01", CONTOSO, WRONG_PIN, &[0]).await.assert_status(201);
        }
        self.submit("W-5", "01", CONTOSO, PIN, &[0]).await.assert_problem(429, "too_many_pin_attempts");
    }

    /// Submits a wrong PIN for an account without a waiting carrier.
    pub async fn guess(&self) {
        self.submit("L-1", "01", OTHER, WRONG_PIN, &[10]).await.assert_status(201);
    }

    /// Sends a validation with a wrong password, which is refused under 200.
    pub async fn forget_bandwidths_password(&self) {
        let header = bandwidth::basic(bandwidth::SOURCE, "wrong");
        let call = self.0.bandwidth(bandwidth::SOURCE).header("authorization", &header);
        call.body("application/xml", "").send().await.assert_status(200);
    }

    /// Sends a notice of a number that no port-out holds.
    pub async fn port_behind_our_back(&self) {
        self.0.notify(&["2065550999"]).await.assert_status(204);
    }

    /// Has the owner cancel what Bandwidth was told is approved.
    pub async fn cancel_an_approval(&self) {
        let request = bandwidth::request("BW-4").numbers(&[bandwidth::national(&number(1))]);
        let text = self.0.validate(&request).await.text();
        assert!(text.contains("<Portable>true"), "{text}");
        let id = self.0.records().await.held_by(&number(1)).expect("a port-out");
        let cancelled = self.0.cancel(CONTOSO, &id, "changed_mind").await.assert_json(200);
        assert_eq!(cancelled["carrier_must_be_told"], true);
    }

    /// Sends a malformed validation request, which is answered with 7598.
    pub async fn confuse_bandwidth(&self) {
        let refused = self.0.send_xml("no XML").await;
        assert!(refused.text().contains("7598"), "{}", refused.text());
    }
}

/// Returns a day on which any port can be done.
fn far() -> String {
    let today = jiff::tz::TimeZone::UTC.to_datetime(Timestamp::now()).date();
    let mut day = today.saturating_add(14.days());
    while !Holidays::UsFederal.is_business_day(day) {
        day = day.tomorrow().expect("a day");
    }
    day.to_string()
}
