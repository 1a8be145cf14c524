//! The functions' DynamoDB calls, made with the SDK and nothing around them.
//!
//! Keys, items and writes are built with the store's parts; the calls themselves are independent of it. The test
//! `same_calls` shows that DynamoDB gets the same requests from the functions and from here.

mod confirmation;

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use jiff::Timestamp;
use runtime::connector;
use runtime::store::TableNames;
use runtime::store::audit_event::Event;
use runtime::store::expression::{names_of, projection};
use runtime::store::item::{Item, number, string, time};
use runtime::store::key::{Index, Key, numbers_list};
use runtime::store::records::{SNAPSHOT_ATTRIBUTES, account, pin, union};
use runtime::store::write::Write;
use shared::account::AccountNumber;
use shared::actor::Actor;
use shared::port_out::PortOutRequest;
use shared::port_out_id::Version;
use shared::telephone_number::Tn;

pub use confirmation::request;

/// What went wrong, for the log.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// The tables and the client to reach them.
#[derive(Clone)]
pub struct Calls {
    client: Client,
    tables: TableNames,
}

/// An account and its PIN, as they were read.
pub struct Owner {
    account: Item,
    pin: Item,
}

impl Calls {
    /// Creates calls on the tables of these names.
    pub fn new(client: Client, tables: TableNames) -> Self {
        Self { client, tables }
    }

    /// Reads the client's settings and the tables' names from the environment, as a function does at its start.
    pub async fn from_environment() -> Result<Self, Error> {
        let http = connector::http_client(connector::secure());
        let config = aws_config::defaults(aws_config::BehaviorVersion::latest()).http_client(http);
        let (state, events) = (std::env::var("TABLE_NAME")?, std::env::var("EVENTS_TABLE_NAME")?);
        Ok(Self::new(Client::new(&config.load().await), TableNames { state, events }))
    }

    /// Reads an account and the status of its PIN: all of `status`.
    pub async fn status(&self, account: &AccountNumber) -> Result<Owner, Error> {
        self.account(account, &[]).await
    }

    /// Reads an account and how its PIN was hashed, for `set-pin`.
    pub async fn owner(&self, account: &AccountNumber) -> Result<Owner, Error> {
        self.account(account, pin::PARAMETERS).await
    }

    async fn account(&self, account: &AccountNumber, more: &[&'static str]) -> Result<Owner, Error> {
        let attributes = union(&[&["pk", "sk"], account::ATTRIBUTES, pin::STATUS_ATTRIBUTES, more]);
        self.batch_get(vec![Key::account(account), Key::pin(account)], &attributes).await
    }

    /// Counts the account's numbers, which `set-pin` compares with a new PIN.
    pub async fn own_numbers(&self, account: &AccountNumber) -> Result<usize, Error> {
        let query = self.client.query().table_name(&self.tables.state).index_name(Index::Lists.name());
        let query = query.key_condition_expression("#list_pk = :list AND #list_sk BETWEEN :from AND :to");
        let query = query.projection_expression("#list_sk").scan_index_forward(true).limit(1000);
        let query = query.set_expression_attribute_names(Some(names_of(["list_pk", "list_sk"])));
        let query = query.expression_attribute_values(":list", string(numbers_list(account)));
        let query = query.expression_attribute_values(":from", string("+"));
        let found = query.expression_attribute_values(":to", string("+~")).send().await?;
        Ok(found.items().len())
    }

    /// Writes the next version of the PIN of an account that was read and has one.
    pub async fn set_pin(&self, account: &AccountNumber, read: &Owner) -> Result<(), Error> {
        let (version, now) = (read.pin.number::<u64>("pin_version")?, Timestamp::now());
        let change = "SET #pin_parameters = :parameters, #pin_digest = :digest, #pin_version = :next, \
                      #pin_updated_at = :now, #pin_updated_by = :actor, #failed_attempts = :zero, \
                      #consecutive_failures = :zero, #count_period = :period REMOVE #pin_failed_at, #pin_disclosed_at";
        let values = [
            ("parameters", string(read.pin.text("pin_parameters")?)),
            ("digest", string(digest(version))),
            ("same", string(digest(version))),
            ("next", number(version + 1)),
            ("read", number(version)),
            ("now", time(now)),
            ("actor", string(actor().as_str())),
            ("zero", number(0)),
            ("period", number(read.pin.number::<u64>("count_period")? + 1)),
        ];
        let unchanged = "#pin_version = :read AND #pin_digest <> :same";
        let moved = "SET #decision_version = #decision_version + :one";
        let country = [("one", number(1)), ("country", string("US"))];
        self.transact(vec![
            Write::update(Key::pin(account), change, unchanged, &values),
            Write::update(Key::account(account), moved, "#country = :country", &country),
            Event::pin_set(account, version + 1).write(&actor(), now)?,
        ])
        .await
    }

    /// Reads everything that deciding a port-out needs, in one batch.
    pub async fn snapshot(&self, request: &PortOutRequest) -> Result<Owner, Error> {
        let account = &request.content.account_number;
        let mut keys = vec![
            Key::account(account),
            Key::pin(account),
            Key::attempts(account, &request.requester),
            Key::pon(&request.requester, &request.pon),
            Key::port_out(&request.id(Version::FIRST)),
        ];
        keys.extend(request.content.numbers.iter().map(Key::number));
        self.batch_get(keys, &SNAPSHOT_ATTRIBUTES).await
    }

    /// Confirms the first version of a port-out of a carrier without wrong PINs, for an account that was read.
    pub async fn confirm(&self, read: &Owner, request: &PortOutRequest) -> Result<(), Error> {
        self.transact(confirmation::writes(read, request, Timestamp::now())?).await
    }

    /// Frees a number again, so that the next port-out can have it.
    pub async fn release(&self, tn: &Tn) -> Result<(), Error> {
        let request = self.client.update_item().table_name(&self.tables.state);
        let request = request.set_key(Some(Key::number(tn).into_map()));
        request.update_expression("REMOVE held_by, held_for, held_until").send().await?;
        Ok(())
    }

    async fn batch_get(&self, keys: Vec<Key>, attributes: &[&str]) -> Result<Owner, Error> {
        let keys = KeysAndAttributes::builder()
            .set_keys(Some(keys.into_iter().map(Key::into_map).collect()))
            .set_expression_attribute_names(Some(names_of(attributes.iter().copied())))
            .projection_expression(projection(attributes))
            .consistent_read(true)
            .build()?;
        let found = self.client.batch_get_item().request_items(&self.tables.state, keys).send().await?;
        Owner::find(found.responses.unwrap_or_default().remove(&self.tables.state).unwrap_or_default())
    }

    async fn transact(&self, writes: Vec<Write>) -> Result<(), Error> {
        let writes = writes.into_iter().map(|write| write.build(&self.tables)).collect::<Result<_, _>>()?;
        self.client.transact_write_items().set_transact_items(Some(writes)).send().await?;
        Ok(())
    }
}

impl Owner {
    fn find(mut items: Vec<HashMap<String, AttributeValue>>) -> Result<Self, Error> {
        let mut take = |kind: &str| {
            let place = items.iter().position(|item| item.get("sk") == Some(&string(kind)));
            place.map(|place| Item::of(items.swap_remove(place))).ok_or(format!("no {kind}"))
        };
        Ok(Self { account: take("ACCOUNT")?, pin: take("PIN")? })
    }
}

/// Returns a text as long as a real digest, which verifies no PIN. It differs from the digest of the version before, or
/// it would be the same PIN.
fn digest(version: u64) -> String {
    format!("{version:0>42}A")
}

fn actor() -> Actor {
    Actor::user("bare")
}
