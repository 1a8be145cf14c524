//! A secret carried everywhere: into every route, right, wrong and malformed, and into every part of a request.

use harness::prelude::*;

/// The account whose PIN is the secret.
pub const ACCOUNT: &str = "CANARYORG";
/// An account with another PIN.
pub const OTHER: &str = "OTHERORG";
/// The numbers of both.
pub const NUMBERS: [&str; 2] = ["+12065550142", "+12065550143"];
/// The ZIP code of both.
pub const ZIP: &str = "98052-7741";
/// The name of both, and of the person who cancels a port-out.
pub const NAME: &str = "Zyzzyva Holdings";
/// What the porting desk refers to.
pub const REFERENCE: &str = "Letter QX-7714";

/// A tour of the secret through the API.
pub struct Tour<'a> {
    pub stack: &'a Stack,
    pub secret: &'a str,
    admin: String,
    pub carrier: String,
    operator: String,
    desk: String,
}

impl<'a> Tour<'a> {
    /// Creates both accounts; the other one gets a different PIN.
    pub async fn start(stack: &'a Stack, secret: &'a str) -> Self {
        let tokens = stack.tokens();
        let (admin, carrier, operator) = (tokens.account(ACCOUNT), tokens.carrier("C0DE"), tokens.operator());
        let desk = tokens.sign(&Claims::desk());
        for (account, number) in [ACCOUNT, OTHER].into_iter().zip(NUMBERS) {
            let profile = json!({"country": "US", "name": NAME, "zip_codes": [ZIP]});
            stack.put_account(account, &profile).await.assert_status(201);
            stack.assign(account, &[number]).await.assert_status(200);
        }
        stack.set_pin(OTHER, "750264").await.assert_status(201);
        let tour = Self { stack, secret, admin, carrier, operator, desk };
        tour.switch_protection(false).await.assert_status(200);
        tour
    }

    /// Returns the tokens that it sends.
    pub fn tokens(&self) -> [&str; 4] {
        [&self.admin, &self.carrier, &self.operator, &self.desk]
    }

    /// Begins a call of the operator.
    pub fn operators(&self, method: &str, path: &str) -> CallBuilder {
        self.stack.call(method, path).bearer(&self.operator)
    }

    /// Begins a call of the account's admin, below the account.
    pub fn admins(&self, method: &str, path: &str) -> CallBuilder {
        self.stack.call(method, &format!("/v1/accounts/{ACCOUNT}{path}")).bearer(&self.admin)
    }

    /// Begins a call of the porting desk.
    pub fn desks(&self, method: &str, path: &str) -> CallBuilder {
        self.stack.call(method, path).bearer(&self.desk)
    }

    /// Begins a call of the carrier.
    pub fn carriers(&self, method: &str, path: &str) -> CallBuilder {
        self.stack.call(method, path).bearer(&self.carrier)
    }

    /// Begins the cancellation of a port-out by the account's admin.
    pub fn cancellation(&self, id: &str) -> CallBuilder {
        self.stack.call("POST", &format!("/v1/port-outs/{id}/cancellation")).bearer(&self.admin)
    }

    /// Switches port protection as the account's admin.
    pub async fn switch_protection(&self, enabled: bool) -> Answer {
        self.admins("PUT", "/port-protection").json(&json!({"enabled": enabled})).send().await
    }

    /// Sets the secret as the account's PIN.
    pub async fn set(&self) -> Answer {
        self.admins("PUT", "/port-out-pin").json(&json!({"pin": self.secret})).send().await
    }

    /// Submits a port-out that carries the secret as its PIN.
    pub async fn submit(&self, pon: &str, account: &str, number: &str) -> Answer {
        self.port_out(&json!({"pon": pon, "account_number": account, "zip_code": ZIP,
            "telephone_numbers": [number], "pin": self.secret}))
            .await
    }

    /// Submits a port-out.
    pub async fn port_out(&self, body: &Value) -> Answer {
        self.carriers("POST", "/v1/port-outs").json(body).send().await
    }

    /// Sends everything; fails if an answer is a 5xx.
    pub async fn everywhere(&self) {
        let confirmed = self.right_and_wrong().await;
        self.in_fields().await;
        self.in_bodies(&confirmed).await;
        self.in_paths_and_queries().await;
        self.in_headers().await;
        self.through_its_life(&confirmed).await;
    }

    /// Sends the secret as a PIN in its field; returns the id of the port-out that it confirmed.
    async fn right_and_wrong(&self) -> String {
        self.set().await;
        self.admins("GET", "/port-out-pin").send().await.assert_status(200);
        self.admins("DELETE", "/port-out-pin")
            .json(&json!({"pin": self.secret}))
            .send()
            .await
            .assert_status(405);
        for (pon, account, number) in
            [("R-1", ACCOUNT, NUMBERS[0]), ("W-1", OTHER, NUMBERS[1]), ("U-1", "NOSUCH", NUMBERS[0])]
        {
            for status in [201, 200] {
                let answer = self.submit(pon, account, number).await;
                answer.assert_status(status);
                let id = answer.json()["id"].as_str().unwrap().to_owned();
                self.stack.get(&format!("/v1/port-outs/{id}"), &self.carrier).await.assert_status(200);
            }
        }
        // The same name with another PIN, and another name with the secret inside another text.
        self.submit("R-1", ACCOUNT, NUMBERS[1]).await.assert_status(409);
        for (n, pin) in self.mistyped().into_iter().enumerate() {
            let body = json!({"pin": pin});
            self.admins("PUT", "/port-out-pin").json(&body).send().await.assert_status(422);
            let body = json!({"pon": format!("M-{n}"), "account_number": OTHER, "pin": pin, "telephone_numbers": [NUMBERS[1]]});
            assert!([201, 429].contains(&self.port_out(&body).await.status));
        }
        let confirmed = self.submit("R-1", ACCOUNT, NUMBERS[0]).await.assert_json(200);
        assert_eq!(confirmed["status"], "confirmed");
        confirmed["id"].as_str().unwrap().to_owned()
    }

    fn mistyped(&self) -> Vec<String> {
        let secret = self.secret;
        vec![
            format!("{secret}9"),
            format!(" {secret}"),
            format!("pin {secret}!"),
            secret.repeat(30),
            secret.repeat(6000),
        ]
    }

    /// Shows every wrong token there is, each refused; returns them.
    pub async fn wrong_tokens(&self) -> Vec<String> {
        let bad = self.stack.tokens().bad_tokens(&Claims::account(ACCOUNT));
        for (why, token) in &bad {
            let answer = self.stack.get(&format!("/v1/accounts/{ACCOUNT}/port-out-pin"), token).await;
            assert_eq!(answer.status, 401, "{why}");
        }
        bad.into_iter().map(|(_, token)| token).filter(|token| token.len() > 40).collect()
    }
}
