//! Callers who do not stop until they get no answer: PINs set, numbers assigned, port-outs confirmed, replaced, refused.

use std::sync::{Arc, Mutex};

use harness::client::{Answer, Client};
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::acknowledged_writes::{AcknowledgedWrites, Order, Pins};
use crate::workspace_dir::WorkspaceDir;

/// Accounts whose PIN is set by [`SETTERS`] callers each, all at once.
const PIN_ACCOUNTS: [&str; 2] = ["PINS0", "PINS1"];
const SETTERS: u64 = 2;

/// Accounts with one PIN and a carrier each, who orders one thing after the other.
const PORTING_ACCOUNTS: [(&str, &str); 3] = [("PORTS0", "C000"), ("PORTS1", "C001"), ("PORTS2", "C002")];
const PIN: &str = "482913";
const WRONG_PIN: &str = "771530";

/// A round of orders gets numbers that no other round ever had.
const CYCLES_A_ROUND: u64 = 1_000;

/// The callers, and everything that they were promised.
pub struct Load {
    pub ledger: Arc<Mutex<AcknowledgedWrites>>,
    pub operator: String,
    carriers: Vec<String>,
    round: u64,
}

/// A caller's means. Answers are booked before the next question.
#[derive(Clone)]
struct Caller {
    client: Client,
    token: String,
    ledger: Arc<Mutex<AcknowledgedWrites>>,
    answers: watch::Sender<usize>,
}

impl Load {
    /// Creates the accounts on a running stack.
    pub async fn new(workspace: &WorkspaceDir, client: &Client) -> Self {
        let operator = workspace.token("ROLE=operator").await;
        let mut carriers = Vec::new();
        for (account, spid) in PORTING_ACCOUNTS {
            create(client, &operator, account).await;
            let owner = owner(workspace, account).await;
            let call = client.call("PUT", &pin_path(account)).bearer(&owner);
            call.json(&json!({"pin": PIN})).send().await.assert_status(201);
            carriers.push(workspace.token(&format!("ROLE=carrier SPID={spid}")).await);
        }
        let ledger = Arc::new(Mutex::new(AcknowledgedWrites::default()));
        for account in PIN_ACCOUNTS {
            create(client, &operator, account).await;
            let pins = Pins { token: owner(workspace, account).await, ..Pins::default() };
            ledger.lock().unwrap().pins.insert(account.to_owned(), pins);
        }
        Self { ledger, operator, carriers, round: 0 }
    }

    /// Lets the callers loose; runs `end` as soon as they have got that many answers; returns when all have given up.
    pub async fn until(&mut self, client: &Client, answers: usize, end: impl Future<Output = ()>) {
        self.round += 1;
        let (sender, mut receiver) = watch::channel(0);
        let mut callers = JoinSet::new();
        let caller = |token: &str| Caller {
            client: client.clone(),
            token: token.to_owned(),
            ledger: self.ledger.clone(),
            answers: sender.clone(),
        };
        for (account, setter) in
            PIN_ACCOUNTS.into_iter().flat_map(|it| (0..SETTERS).map(move |setter| (it, setter)))
        {
            let owner = self.ledger.lock().unwrap().pins[account].token.clone();
            callers.spawn(set_pins(caller(&owner), account, self.round * SETTERS + setter));
        }
        for (index, carrier) in self.carriers.iter().enumerate() {
            let (operator, carrier) = (caller(&self.operator), caller(carrier));
            callers.spawn(order(operator, carrier, index, self.round * CYCLES_A_ROUND));
        }
        drop(sender);
        tokio::select! {
            enough = receiver.wait_for(|it| *it >= answers) => assert!(enough.is_ok(), "all callers gave up"),
            Some(Err(failed)) = callers.join_next() => std::panic::resume_unwind(failed.into_panic()),
        }
        end.await;
        while let Some(ended) = callers.join_next().await {
            ended.unwrap_or_else(|failed| std::panic::resume_unwind(failed.into_panic()));
        }
    }
}

async fn owner(workspace: &WorkspaceDir, account: &str) -> String {
    workspace.token(&format!("ROLE=owner ACCOUNT={account}")).await
}

async fn create(client: &Client, operator: &str, account: &str) {
    let call = client.call("PUT", &format!("/v1/accounts/{account}")).bearer(operator);
    call.json(&json!({"country": "US"})).send().await.assert_status(201);
}

fn pin_path(account: &str) -> String {
    format!("/v1/accounts/{account}/port-out-pin")
}

impl Caller {
    /// Returns the answer; `None` if none arrived, or if it leaves open whether the write happened.
    async fn ask(&self, method: &str, path: &str, body: &Value) -> Option<Answer> {
        let call = self.client.call(method, path).bearer(&self.token).json(body);
        let answer = call.try_send().await.ok()?;
        if matches!(answer.status, 408 | 500..) {
            return None;
        }
        Some(answer)
    }

    /// Books an answer.
    fn book(&self, entry: impl FnOnce(&mut AcknowledgedWrites)) {
        let mut ledger = self.ledger.lock().unwrap();
        entry(&mut ledger);
        ledger.answers += 1;
        drop(ledger);
        self.answers.send_modify(|answers| *answers += 1);
    }

    async fn assign(&self, account: &str, numbers: &[String]) -> Option<()> {
        let path = format!("/v1/accounts/{account}/telephone-numbers");
        let answer = self.ask("POST", &path, &json!({"telephone_numbers": numbers})).await?;
        answer.assert_json(200);
        self.book(|it| it.numbers.entry(account.to_owned()).or_default().extend(numbers.iter().cloned()));
        Some(())
    }

    /// Submits a port-out and returns its id.
    async fn submit(&self, body: &Value, status: &str) -> Option<String> {
        let body = self.ask("POST", "/v1/port-outs", body).await?.assert_json(201);
        assert_eq!(body["status"], status, "{body}");
        let id = body["id"].as_str().unwrap().to_owned();
        let order = Order { body, token: self.token.clone(), may_be_superseded: false };
        self.book(|it| drop(it.orders.insert(id.clone(), order)));
        Some(id)
    }
}

/// Sets one PIN after the other, each another one than all before.
async fn set_pins(caller: Caller, account: &'static str, number: u64) {
    for count in 0.. {
        let pin = format!("{number:03}{count:05}");
        caller.ledger.lock().unwrap().pins.get_mut(account).unwrap().open.push(pin.clone());
        let Some(answer) = caller.ask("PUT", &pin_path(account), &json!({"pin": pin})).await else { return };
        assert!(matches!(answer.status, 200 | 201), "{answer:?}");
        let body = answer.json();
        caller.book(|ledger| {
            let pins = ledger.pins.get_mut(account).unwrap();
            pins.open.retain(|it| *it != pin);
            let version = body["pin_version"].as_u64().unwrap();
            let before = pins.set.insert(version, (pin, body));
            assert!(before.is_none(), "version {version} was answered twice");
        });
    }
}

/// Orders: confirmed, replaced by its next version, and one with a wrong PIN; each with different numbers.
async fn order(operator: Caller, carrier: Caller, index: usize, first: u64) {
    for cycle in first.. {
        if order_once(&operator, &carrier, index, cycle).await.is_none() {
            return;
        }
    }
}

async fn order_once(operator: &Caller, carrier: &Caller, index: usize, cycle: u64) -> Option<()> {
    let (account, _) = PORTING_ACCOUNTS[index];
    let numbers = [2 * cycle, 2 * cycle + 1].map(|it| format!("+1206{}{it:04}", 600 + index));
    let body = |pon: &str, version: &str, pin: &str, tn: &str| {
        json!({"pon": format!("{pon}-{cycle}"), "version": version, "account_number": account, "pin": pin,
            "telephone_numbers": [tn]})
    };
    operator.assign(account, &numbers).await?;
    let earlier = carrier.submit(&body("GOOD", "01", PIN, &numbers[0]), "confirmed").await?;
    let change = |change: &dyn Fn(&mut Order)| {
        change(carrier.ledger.lock().unwrap().orders.get_mut(&earlier).unwrap());
    };
    change(&|order| order.may_be_superseded = true);
    let later = carrier.submit(&body("GOOD", "02", PIN, &numbers[1]), "confirmed").await?;
    let at = carrier.ledger.lock().unwrap().orders[&later].body["entered_at"].clone();
    change(&|order| {
        order.may_be_superseded = false;
        order.supersede(&at);
    });
    carrier.submit(&body("BAD", "01", WRONG_PIN, &numbers[0]), "rejected").await?;
    Some(())
}
