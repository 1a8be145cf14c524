//! The places of a request in which a secret has no business: fields, bodies, addresses and headers.

use harness::prelude::*;

use crate::canary_requests::{ACCOUNT, NAME, NUMBERS, Tour, ZIP};

impl Tour<'_> {
    /// In fields that are not for it. PON and account number are echoed and stored when they are well formed, as
    /// is the account's name: there it would be no leak, so there it goes only in a form that is refused.
    pub async fn in_fields(&self) {
        let fields = [
            ("pon", json!(format!("{}!", self.secret))),
            ("version", json!(self.secret)),
            ("account_number", json!(format!("{}€", self.secret))),
            ("zip_code", json!(self.secret)),
            ("telephone_numbers", json!([self.secret])),
            ("telephone_numbers", json!([NUMBERS[0], self.secret, {"tn": self.secret}])),
            ("desired_due_date", json!(self.secret)),
            ("note", json!(self.secret)),
            (self.secret, json!(1)),
        ];
        for (name, value) in fields {
            let mut body = json!({"pon": "F-1", "account_number": ACCOUNT, "pin": self.secret, "telephone_numbers": [NUMBERS[0]]});
            body[name] = value;
            assert!([400, 422].contains(&self.port_out(&body).await.status), "{body}");
        }
        for name in ["country", "zip_code", "zip_codes", "pin", self.secret] {
            let mut body = json!({"country": "US", "zip_codes": [ZIP], "name": NAME});
            body[name] = json!(self.secret);
            let answer = self.operators("PUT", &format!("/v1/accounts/{ACCOUNT}")).json(&body).send().await;
            assert!([400, 422].contains(&answer.status), "{body}");
        }
        let body = json!({"telephone_numbers": [self.secret]});
        self.operators("POST", &format!("/v1/accounts/{ACCOUNT}/telephone-numbers"))
            .json(&body)
            .send()
            .await
            .assert_status(422);
    }

    /// Sends the secret in invalid bodies, on every route that takes one.
    pub async fn in_bodies(&self, id: &str) {
        let secret = self.secret;
        let mut bodies: Vec<Vec<u8>> = [
            format!("{{\"pin\":{secret}}}"),
            format!("{{\"pin\":{secret}.0e1}}"),
            format!("{{\"pin\":[\"{secret}\"]}}"),
            format!("{{\"pin\":{{\"{secret}\":\"{secret}\"}}}}"),
            format!("{{\"pin\":\"{secret}\",\"pin\":\"{secret}\"}}"),
            format!("{{\"PIN\":\"{secret}\",\"{secret}\":\"{secret}\"}}"),
            format!("{{\"pin\":\"{secret}\""),
            format!("{{pin:{secret}}}"),
            format!("{{\"pin\":\"{secret}\"}}{secret}"),
            format!("\"{secret}\""),
            secret.to_owned(),
            format!("pin={secret}"),
            format!("{}\"{secret}\"{}", "[".repeat(200), "]".repeat(200)),
            format!("{{\"pin\":\"{secret}\",\"filler\":\"{}\"}}", "x".repeat(64 * 1024)),
        ]
        .map(String::into_bytes)
        .into();
        bodies.push([b"{\"pin\":\"", secret.as_bytes(), b"\xff\"}"].concat());
        bodies.push([b"\0", secret.as_bytes()].concat());
        for body in &bodies {
            for content_type in ["application/json", "text/plain", "application/x-www-form-urlencoded"] {
                for call in self.routes_with_body(id) {
                    let answer = call.body(content_type, body.clone()).send().await;
                    assert!(
                        [400, 413, 415, 422].contains(&answer.status),
                        "{} {}",
                        answer.call,
                        answer.status
                    );
                }
            }
        }
    }

    fn routes_with_body(&self, id: &str) -> [CallBuilder; 9] {
        [
            self.admins("PUT", "/port-out-pin"),
            self.admins("PUT", "/port-protection"),
            self.carriers("POST", "/v1/port-outs"),
            self.desks("POST", "/v1/port-outs"),
            self.cancellation(id),
            self.desks("POST", &format!("/v1/port-outs/{id}/activations")),
            self.desks("POST", &format!("/v1/port-outs/{id}/release")),
            self.operators("PUT", &format!("/v1/accounts/{ACCOUNT}")),
            self.operators("POST", &format!("/v1/accounts/{ACCOUNT}/telephone-numbers")),
        ]
    }

    /// Sends the secret in paths, except where an operator would create an account of that name, which is not a leak.
    pub async fn in_paths_and_queries(&self) {
        let secret = self.secret;
        let paths = [
            ("GET", format!("/v1/accounts/{secret}")),
            ("GET", format!("/v1/accounts/{secret}/port-out-pin")),
            ("PUT", format!("/v1/accounts/{secret}/port-out-pin")),
            ("DELETE", format!("/v1/accounts/{secret}/port-out-pin")),
            ("GET", format!("/v1/accounts/{secret}/telephone-numbers")),
            ("POST", format!("/v1/accounts/{secret}/telephone-numbers")),
            ("DELETE", format!("/v1/accounts/{ACCOUNT}/telephone-numbers/{secret}")),
            ("GET", format!("/v1/port-outs/{secret}")),
            ("PATCH", format!("/v1/port-outs/{secret}")),
            ("POST", format!("/v1/port-outs/{secret}/activations")),
            ("POST", format!("/v1/port-outs/{secret}/cancellation")),
            ("POST", format!("/v1/port-outs/{secret}/release")),
            ("GET", format!("/v1/accounts/{secret}/port-outs")),
            ("GET", format!("/v1/accounts/{secret}/events")),
            ("GET", format!("/v1/accounts/{secret}/port-protection")),
            ("PUT", format!("/v1/accounts/{secret}/port-protection")),
            ("GET", format!("/v1/telephone-numbers/{secret}")),
            ("GET", format!("/v1/accounts/{ACCOUNT}/port-outs?status={secret}&spid={secret}&limit={secret}")),
            ("GET", format!("/v1/accounts/{ACCOUNT}/port-outs?cursor={secret}")),
            ("GET", format!("/v1/accounts/{ACCOUNT}/port-outs?received_from={secret}&received_to={secret}")),
            ("GET", format!("/v1/accounts/{ACCOUNT}/events?type={secret}&after={secret}")),
            ("GET", format!("/v1/port-outs?{secret}={secret}")),
            ("GET", format!("/v1/port-outs?pon={secret}!&telephone_number={secret}")),
            ("GET", format!("/v1/accounts/{ACCOUNT}/port-out-pin/{secret}")),
            ("GET", format!("/{secret}")),
            ("GET", format!("/v1/accounts/{ACCOUNT}/port-out-pin?pin={secret}")),
            ("GET", format!("/v1/accounts/{ACCOUNT}/port-out-pin?{secret}={secret}")),
            ("GET", format!("/v1/accounts/{ACCOUNT}/telephone-numbers?limit={secret}&cursor={secret}")),
            ("GET", format!("/v1/accounts/{ACCOUNT}/telephone-numbers?cursor=%00{secret}")),
            (secret, format!("/v1/accounts/{ACCOUNT}/port-out-pin")),
        ];
        for (method, path) in &paths {
            for token in self.tokens() {
                let call = self.stack.call(method, path).bearer(token);
                let call =
                    if ["PUT", "POST"].contains(method) { call.json(&json!({"pin": secret})) } else { call };
                let answer = call.send().await;
                assert!((400..500).contains(&answer.status), "{} {}", answer.call, answer.status);
            }
        }
    }

    /// Sends the secret in headers and in invalid tokens.
    pub async fn in_headers(&self) {
        let path = "/port-out-pin";
        for name in [
            "x-pin",
            "cookie",
            "user-agent",
            "x-request-id",
            "x-amzn-trace-id",
            "traceparent",
            "referer",
            "accept",
        ] {
            self.admins("GET", path).header(name, self.secret).send().await.assert_status(200);
        }
        let change = self.admins("PUT", path).header("if-match", &format!("\"{}\"", self.secret));
        let answer = change.json(&json!({"pin": self.secret})).send().await;
        assert!([412, 422].contains(&answer.status));
        for authorization in ["Bearer ", "Basic ", "", "Bearer a.b."] {
            let call = self.stack.call("GET", &format!("/v1/accounts/{ACCOUNT}/port-out-pin"));
            let call = call.header("authorization", &format!("{authorization}{}", self.secret));
            call.send().await.assert_status(401);
        }
    }
}
