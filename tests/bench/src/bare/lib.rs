//! The functions' DynamoDB calls, made with the SDK and nothing around them.
//!
//! Keys, items and writes are built with the store's parts; the calls themselves are independent of it. The test
//! `same_calls` shows that DynamoDB gets the same requests from the functions and from here.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::KeysAndAttributes;
use jiff::Timestamp;
use runtime::store::audit_event::Event;
use runtime::store::item::{Item, number, string, time};
use runtime::store::key::{Key, numbers_list};
use runtime::store::records::PonRow;
use runtime::store::write::{Write, names};
use runtime::store::{ACCOUNT_ATTRIBUTES, PortOutRecord, SNAPSHOT_ATTRIBUTES, projection};
use serde_json::Value;
use shared::account::AccountNumber;
use shared::actor::Actor;
use shared::attempts::LOCK_AT;
use shared::port_out::{Content, Outcome, PortOut};
use shared::port_out_id::{PortOutId, Version};
use shared::telephone_number::Tn;
use shared::telephone_numbers::TelephoneNumbers;

/// What went wrong, for the log.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// As long as a real digest; it verifies no PIN.
const DIGEST: &str = "pbkdf2-sha256$600000$local-0000000000000000$0000000000000000000000$0000000000000000000000000000000000000000000";
/// As long as a real fingerprint; it matches no PIN.
const FINGERPRINT: &str = "local-0000000000000000$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// The table and the client to reach it.
#[derive(Clone)]
pub struct Calls {
    client: Client,
    table: String,
}

impl Calls {
    /// Creates calls on the table of this name.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into() }
    }

    /// Reads the client's settings and the table's name from the environment, as a function does at its start.
    pub async fn from_environment() -> Result<Self, Error> {
        use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
        let http = aws_smithy_http_client::Builder::new();
        let http = http.tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
        let config = aws_config::defaults(aws_config::BehaviorVersion::latest()).http_client(http);
        Ok(Self::new(Client::new(&config.load().await), std::env::var("TABLE_NAME")?))
    }

    /// Reads an account without its digest: all of `status`, and a part of `set-pin`.
    pub async fn account(&self, account: &AccountNumber) -> Result<Item, Error> {
        let projection = projection(ACCOUNT_ATTRIBUTES);
        let request = self.client.get_item().table_name(&self.table);
        let request = request.set_key(Some(Key::account(account).into_map())).consistent_read(true);
        let request = request.set_expression_attribute_names(names(&projection));
        let found = request.projection_expression(projection).send().await?;
        found.item.map(Item::of).ok_or_else(|| "no such account".into())
    }

    /// Counts the account's numbers, which `set-pin` compares with a new PIN.
    pub async fn own_numbers(&self, account: &AccountNumber) -> Result<usize, Error> {
        let query = self.client.query().table_name(&self.table).index_name("lists").limit(1000);
        let query = query.key_condition_expression("#list_pk = :list AND #list_sk > :after");
        let query = query.projection_expression("#list_sk");
        let query = query.set_expression_attribute_names(names("#list_pk #list_sk"));
        let query = query.expression_attribute_values(":list", string(numbers_list(account)));
        let found = query.expression_attribute_values(":after", string("+")).send().await?;
        Ok(found.items().len())
    }

    /// Writes the next version of the PIN of an account that was read and has one.
    pub async fn set_pin(&self, account: &AccountNumber, read: &Item) -> Result<(), Error> {
        let (version, now) = (read.number::<u64>("pin_version")?, Timestamp::now());
        let change = "SET #pin_digest = :digest, #pin_version = :next, #pin_updated_at = :now, \
                      #pin_updated_by = :actor, #failed_attempts = :zero";
        let values = [
            ("digest", string(DIGEST)),
            ("next", number(version + 1)),
            ("read", number(version)),
            ("now", time(now)),
            ("actor", string("bare")),
            ("zero", number(0)),
            ("country", string("US")),
        ];
        let unchanged = "#country = :country AND #pin_version = :read";
        self.transact(vec![
            Write::update(Key::account(account), change, unchanged, &values),
            Event::pin_set(account, version + 1).write(&actor(), now)?,
        ])
        .await
    }

    /// Reads everything that deciding a port-out needs, in one batch; returns the account.
    pub async fn snapshot(&self, port_out: &PortOut) -> Result<Item, Error> {
        let account = &port_out.content.account_number;
        let mut keys = vec![
            Key::account(account),
            Key::attempts(account, &port_out.spid),
            Key::pon(&port_out.spid, &port_out.pon),
            Key::port_out(&port_out.id),
        ];
        keys.extend(port_out.content.numbers.as_slice().iter().map(Key::number));
        let projection = projection(&SNAPSHOT_ATTRIBUTES);
        let keys = KeysAndAttributes::builder()
            .set_keys(Some(keys.into_iter().map(Key::into_map).collect()))
            .set_expression_attribute_names(names(&projection))
            .projection_expression(projection)
            .consistent_read(true)
            .build()?;
        let found = self.client.batch_get_item().request_items(&self.table, keys).send().await?;
        let items = found.responses.unwrap_or_default().remove(&self.table).unwrap_or_default();
        let account = items.into_iter().find(|item| item.get("sk") == Some(&string("ACCOUNT")));
        account.map(Item::of).ok_or_else(|| "no such account".into())
    }

    /// Confirms the first version of a port-out of a carrier without wrong PINs, for an account that was read.
    pub async fn confirm(&self, account: &Item, record: &PortOutRecord) -> Result<(), Error> {
        let PortOut { id, spid, pon, content, .. } = &record.port_out;
        let unlocked = "#revision = :revision AND #pin_version = :pin_version AND #failed_attempts < :lock";
        let as_read = [
            ("revision", number(account.number::<u64>("revision")?)),
            ("pin_version", number(account.number::<u64>("pin_version")?)),
            ("lock", number(LOCK_AT)),
            ("zero", number(0)),
        ];
        let free = "#account_number = :account AND attribute_not_exists(#held_by)";
        let hold = [("id", string(id.as_str())), ("account", string(content.account_number.as_str()))];
        let pon_row = PonRow { latest: Version::FIRST, confirmed: Some(id.clone()), attempt: None };
        let account_key = Key::account(&content.account_number);
        let attempts_key = Key::attempts(&content.account_number, spid);
        let mut writes = vec![
            Write::create(record.item()),
            Write::create(pon_row.item(Key::pon(spid, pon))),
            Write::update(account_key, "SET #failed_attempts = :zero", unlocked, &as_read),
            Write::check(attempts_key, "attribute_not_exists(#pk)", &[]),
            Event::port_out(&record.port_out).write(&actor(), Timestamp::now())?,
        ];
        let numbers = content.numbers.as_slice().iter();
        writes.extend(numbers.map(|tn| Write::update(Key::number(tn), "SET #held_by = :id", free, &hold)));
        self.transact(writes).await
    }

    /// Frees a number again, so that the next port-out can have it.
    pub async fn release(&self, tn: &Tn) -> Result<(), Error> {
        let request = self.client.update_item().table_name(&self.table);
        let request = request.set_key(Some(Key::number(tn).into_map()));
        request.update_expression("REMOVE held_by").send().await?;
        Ok(())
    }

    async fn transact(&self, writes: Vec<Write>) -> Result<(), Error> {
        let writes = writes.into_iter().map(|write| write.build(&self.table)).collect::<Result<_, _>>()?;
        self.client.transact_write_items().set_transact_items(Some(writes)).send().await?;
        Ok(())
    }
}

/// Returns the port-out that confirms a request for one number on its desired day.
pub fn confirmed(spid: &str, request: &Value) -> Result<PortOutRecord, Error> {
    let text = |pointer: &str| request.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let (spid, pon) = (spid.parse()?, text("/pon").parse()?);
    let (tn, date) = (text("/telephone_numbers/0").parse::<Tn>()?, text("/desired_due_date").parse()?);
    let content = Content {
        account_number: text("/account_number").parse()?,
        zip_code: Some(text("/zip_code").parse()?),
        numbers: TelephoneNumbers::try_from(vec![tn])?,
        desired_due_date: Some(date),
    };
    let port_out = PortOut {
        id: PortOutId::of(&spid, &pon, Version::FIRST),
        spid,
        pon,
        version: Version::FIRST,
        content,
        outcome: Outcome::Confirmed(date),
        received_at: Timestamp::now(),
    };
    Ok(PortOutRecord { port_out, fingerprint: Some(FINGERPRINT.parse()?) })
}

fn actor() -> Actor {
    Actor::user("bare")
}
