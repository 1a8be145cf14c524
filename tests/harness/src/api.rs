//! The calls that tests make of the API, by those who may make them; in process and over HTTP alike.

use serde_json::{Value, json};

use crate::client::{Answer, CallBuilder, Caller};
use crate::stack::Stack;
use crate::tokens::Claims;

/// Operators.
impl Stack {
    /// Begins a call by the operator.
    pub fn operator(&self, method: &str, path: &str) -> CallBuilder {
        self.call(method, path).by(&Claims::operator())
    }

    /// `PUT`s an account.
    pub async fn put_account(&self, account: &str, profile: &Value) -> Answer {
        self.operator("PUT", &format!("/v1/accounts/{account}")).json(profile).send().await
    }

    /// Assigns numbers to an account.
    pub async fn assign<T: AsRef<str>>(&self, account: &str, numbers: &[T]) -> Answer {
        let numbers: Vec<_> = numbers.iter().map(AsRef::as_ref).collect();
        let call = self.operator("POST", &format!("/v1/accounts/{account}/telephone-numbers"));
        call.json(&json!({"telephone_numbers": numbers})).send().await
    }

    /// Takes a number away from an account.
    pub async fn remove(&self, account: &str, tn: &str) -> Answer {
        self.operator("DELETE", &format!("/v1/accounts/{account}/telephone-numbers/{tn}")).send().await
    }

    /// Creates a US account with ZIP code 98052 and these numbers.
    pub async fn seed<T: AsRef<str>>(&self, account: &str, numbers: &[T]) {
        self.put_account(account, &crate::fixture::us_profile()).await.assert_status(201);
        self.assign(account, numbers).await.assert_status(200);
    }

    /// Creates a US account with ZIP code 98052, these numbers and a PIN.
    pub async fn seed_with_pin<T: AsRef<str>>(&self, account: &str, pin: &str, numbers: &[T]) {
        self.seed(account, numbers).await;
        self.set_pin(account, pin).await.assert_status(201);
    }
}

/// Accounts' admins.
impl Stack {
    /// Begins a change of an account's PIN.
    pub fn pin_change(&self, account: &str, pin: &str) -> CallBuilder {
        let call = self.call("PUT", &format!("/v1/accounts/{account}/port-out-pin"));
        call.by(&Claims::account(account)).json(&json!({"pin": pin}))
    }

    /// Sets an account's PIN.
    pub async fn set_pin(&self, account: &str, pin: &str) -> Answer {
        self.pin_change(account, pin).send().await
    }

    /// Reads the status of an account's PIN.
    pub async fn pin_status(&self, account: &str) -> Answer {
        self.get(&format!("/v1/accounts/{account}/port-out-pin"), &Claims::account(account)).await
    }

    /// Fails unless the PIN's status has these values of `port_out_allowed`, `blocked_by` and `consecutive_failures`.
    pub async fn assert_pin(&self, account: &str, allowed: bool, blocked_by: &[&str], failures: u64) {
        let status = self.pin_status(account).await.assert_json(200);
        let found = (&status["port_out_allowed"], &status["blocked_by"], &status["consecutive_failures"]);
        assert_eq!(found, (&json!(allowed), &json!(blocked_by), &json!(failures)));
    }
}

/// Carriers.
impl Stack {
    /// Begins a port-out; see [`crate::clients::carrier::order`] for the usual body.
    pub fn submission(&self, spid: &str, order: &Value) -> CallBuilder {
        self.call("POST", "/v1/port-outs").by(&Claims::carrier(spid)).json(order)
    }

    /// Submits a port-out.
    pub async fn submit(&self, spid: &str, order: &Value) -> Answer {
        self.submission(spid, order).send().await
    }

    /// Reads a port-out.
    pub async fn port_out(&self, spid: &str, id: &str) -> Answer {
        self.get(&format!("/v1/port-outs/{id}"), &Claims::carrier(spid)).await
    }
}

/// Owners, and the porting desk.
impl Stack {
    /// Cancels a port-out as the owner of an account.
    pub async fn cancel(&self, account: &str, id: &str, statement: &str) -> Answer {
        let call =
            self.call("POST", &format!("/v1/port-outs/{id}/cancellation")).by(&Claims::account(account));
        call.json(&json!({"statement": statement, "name": "Ada Admin"})).send().await
    }

    /// Switches an account's port protection as its owner.
    pub async fn protect(&self, account: &str, enabled: bool) -> Answer {
        let call = self.call("PUT", &format!("/v1/accounts/{account}/port-protection"));
        call.by(&Claims::account(account)).json(&json!({"enabled": enabled})).send().await
    }

    /// Begins a call by the porting desk.
    pub fn desk(&self, method: &str, path: &str) -> CallBuilder {
        self.call(method, path).by(&Claims::desk())
    }

    /// Records ported numbers.
    pub async fn activate<T: AsRef<str>>(&self, id: &str, numbers: &[T]) -> Answer {
        let numbers: Vec<_> = numbers.iter().map(AsRef::as_ref).collect();
        let call = self.desk("POST", &format!("/v1/port-outs/{id}/activations"));
        call.json(&json!({"telephone_numbers": numbers})).send().await
    }

    /// Releases a port-out on this authority, obtained now.
    pub async fn release(&self, id: &str, authority: &str) -> Answer {
        let obtained_at = self.now().to_string();
        let body = json!({"authority": authority, "reference": "LTR-7", "obtained_at": obtained_at});
        self.desk("POST", &format!("/v1/port-outs/{id}/release")).json(&body).send().await
    }
}

/// Any caller.
impl Stack {
    /// Gets a path as some caller.
    pub async fn get<'a>(&self, path: &str, caller: impl Into<Caller<'a>>) -> Answer {
        self.call("GET", path).by(caller).send().await
    }
}

/// Webhook sources.
impl Stack {
    /// `PUT`s a webhook source.
    pub async fn put_source(&self, id: &str, body: &Value) -> Answer {
        let answer = self.operator("PUT", &source_path(id)).json(body).send().await;
        self.keep_secret(id, answer)
    }

    /// Registers a new webhook source of a carrier; returns its secret.
    pub async fn register(&self, id: &str, kind: &str, spid: &str) -> String {
        self.put_source(id, &json!({"kind": kind, "spid": spid})).await.assert_status(201);
        self.secret(id)
    }

    /// Gives a webhook source a new secret in place of the last one.
    pub async fn rotate(&self, id: &str) -> Answer {
        let last = self.secrets.lock().unwrap().get(id).map_or(1, |(_, version)| *version);
        self.rotate_from(id, last).await
    }

    /// Gives a webhook source a new secret in place of this version.
    pub async fn rotate_from(&self, id: &str, replaces: u64) -> Answer {
        let call = self.operator("POST", &format!("{}/rotate", source_path(id)));
        let answer = call.json(&json!({"replaces": replaces})).send().await;
        self.keep_secret(id, answer)
    }

    /// Deletes a webhook source.
    pub async fn delete_source(&self, id: &str) {
        self.operator("DELETE", &source_path(id)).send().await.assert_status(204);
    }

    /// Returns the last secret that a webhook source was given.
    #[track_caller]
    pub fn secret(&self, id: &str) -> String {
        self.secrets.lock().unwrap().get(id).expect("a secret").0.clone()
    }

    fn keep_secret(&self, id: &str, answer: Answer) -> Answer {
        let body: Option<Value> = serde_json::from_slice(&answer.body).ok();
        let kept =
            body.and_then(|it| Some((it["secret"].as_str()?.to_owned(), it["secret_version"].as_u64()?)));
        if let Some(kept) = kept {
            self.secrets.lock().unwrap().insert(id.to_owned(), kept);
        }
        answer
    }
}

/// Returns the path of a webhook source.
pub fn source_path(id: &str) -> String {
    format!("/v1/webhook-sources/{id}")
}
