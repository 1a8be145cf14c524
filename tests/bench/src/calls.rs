//! The DynamoDB calls of the functions, made with the SDK and nothing around them.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::types::{
    AttributeValue, ConditionCheck, KeysAndAttributes, Put, TransactWriteItem, Update,
};
use runtime::store::{ACCOUNT_ATTRIBUTES, SNAPSHOT_ATTRIBUTES};
use std::collections::HashMap;

/// One stored item.
pub type Item = HashMap<String, AttributeValue>;
/// What went wrong, for whoever looks at the log.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// An order with one version and one number.
pub struct Order<'a> {
    /// Who sends it.
    pub spid: &'a str,
    /// Its name.
    pub pon: &'a str,
    /// Whose number it is.
    pub account: &'a str,
    /// The number.
    pub tn: &'a str,
    /// When it should be done.
    pub due: &'a str,
    /// The key that it is stored under; any text that no other order has.
    pub id: &'a str,
}

/// The table, and the client to reach it.
#[derive(Clone)]
pub struct Calls {
    client: Client,
    table: String,
}

impl Calls {
    /// On this table.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into() }
    }

    /// As a function starts: the client and the table that the environment names.
    pub async fn from_environment() -> Result<Self, Failure> {
        use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
        let http = aws_smithy_http_client::Builder::new();
        let http = http.tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
        let config =
            aws_config::defaults(aws_config::BehaviorVersion::latest()).http_client(http).load().await;
        Ok(Self::new(Client::new(&config), std::env::var("TABLE_NAME")?))
    }

    /// The account, without its digest: all of status, and a part of set-PIN.
    pub async fn account(&self, account: &str) -> Result<Item, Failure> {
        let projection = projection(ACCOUNT_ATTRIBUTES);
        let request = self.client.get_item().table_name(&self.table).set_key(Some(key(account_key(account))));
        let request = request.set_expression_attribute_names(Some(names(&projection)));
        let found = request.projection_expression(projection).consistent_read(true).send().await?;
        found.item.ok_or_else(|| "no such account".into())
    }

    /// The account's numbers, as set-PIN compares a new PIN with them.
    pub async fn own_numbers(&self, account: &str) -> Result<usize, Failure> {
        let query = self.client.query().table_name(&self.table).index_name("lists").limit(1000);
        let query = query.key_condition_expression("#list_pk = :list AND #list_sk > :after");
        let query = query.projection_expression("#list_sk");
        let query = query.set_expression_attribute_names(Some(names("#list_pk #list_sk")));
        let query = query.expression_attribute_values(":list", s(format!("ACCOUNT#{account}#NUMBERS")));
        let found = query.expression_attribute_values(":after", s("+")).send().await?;
        Ok(found.items().len())
    }

    /// The transaction of set-PIN on an account that was read and has a PIN.
    pub async fn set_pin(&self, account: &Item, digest: &str, id: &str, now: &str) -> Result<(), Failure> {
        let (number, version) = (text(account, "account_number")?, number(account, "pin_version")?);
        let change = "SET #pin_digest = :digest, #pin_version = :next, #pin_updated_at = :now, \
                      #pin_updated_by = :actor, #failed_attempts = :zero";
        let values = [
            ("digest", s(digest)),
            ("next", n(version + 1)),
            ("read", n(version)),
            ("now", s(now)),
            ("actor", s("bare")),
            ("zero", n(0)),
            ("us", s("US")),
        ];
        let condition = "#country = :us AND #pin_version = :read";
        let update = self.update(account_key(number), change, condition, &values)?;
        let facts = [("account_number", s(number)), ("pin_version", n(version + 1))];
        let event = self.create(event(number, id, "pin.changed", now, &facts))?;
        self.transact(vec![update, event]).await
    }

    /// Everything that deciding an order needs, in one batch; the account of it.
    pub async fn snapshot(&self, order: &Order<'_>) -> Result<Item, Failure> {
        let keys = [
            account_key(order.account),
            attempts_key(order),
            order_key(order),
            pon_key(order),
            tn_key(order),
        ];
        let projection = projection(&SNAPSHOT_ATTRIBUTES);
        let keys = KeysAndAttributes::builder()
            .set_keys(Some(keys.map(key).to_vec()))
            .set_expression_attribute_names(Some(names(&projection)))
            .projection_expression(projection)
            .consistent_read(true)
            .build()?;
        let found = self.client.batch_get_item().request_items(&self.table, keys).send().await?;
        let items = found.responses.unwrap_or_default().remove(&self.table).unwrap_or_default();
        let is_account = |item: &Item| item.get("sk") == Some(&s("ACCOUNT"));
        items.into_iter().find(is_account).ok_or_else(|| "no such account".into())
    }

    /// The transaction that confirms a new order of a carrier with no wrong PINs.
    pub async fn confirm(&self, account: &Item, order: &Order<'_>, now: &str) -> Result<(), Failure> {
        let read = [
            ("revision", n(number(account, "revision")?)),
            ("pin_version", n(number(account, "pin_version")?)),
            ("lock", n(100)),
            ("zero", n(0)),
        ];
        let unlocked = "#revision = :revision AND #pin_version = :pin_version AND #failed_attempts < :lock";
        let hold = [("id", s(order.id)), ("account", s(order.account))];
        let free = "#account_number = :account AND attribute_not_exists(#held_by)";
        let facts = [
            ("account_number", s(order.account)),
            ("port_out_id", s(order.id)),
            ("spid", s(order.spid)),
            ("pon", s(order.pon)),
            ("port_out_version", s("01")),
            ("reasons", AttributeValue::L(Vec::new())),
        ];
        self.transact(vec![
            self.create(order_item(order, now))?,
            self.create(with(
                key(pon_key(order)),
                &[("latest_version", s("01")), ("confirmed_id", s(order.id))],
            ))?,
            self.update(account_key(order.account), "SET #failed_attempts = :zero", unlocked, &read)?,
            self.check(attempts_key(order), "attribute_not_exists(#pk)")?,
            self.create(event(order.account, order.id, "port_out.confirmed", now, &facts))?,
            self.update(tn_key(order), "SET #held_by = :id", free, &hold)?,
        ])
        .await
    }

    /// Frees a number again, so that the next order can have it.
    pub async fn release(&self, tn: &str) -> Result<(), Failure> {
        let at = key((format!("NUMBER#{tn}"), "NUMBER".to_owned()));
        let request = self.client.update_item().table_name(&self.table).set_key(Some(at));
        request.update_expression("REMOVE held_by").send().await?;
        Ok(())
    }

    async fn transact(&self, writes: Vec<TransactWriteItem>) -> Result<(), Failure> {
        self.client.transact_write_items().set_transact_items(Some(writes)).send().await?;
        Ok(())
    }

    fn create(&self, item: Item) -> Result<TransactWriteItem, BuildError> {
        let condition = "attribute_not_exists(#pk)";
        let put = Put::builder().table_name(&self.table).set_item(Some(item)).condition_expression(condition);
        let put = put.set_expression_attribute_names(Some(names(condition))).build()?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    fn update(
        &self,
        at: (String, String),
        change: &str,
        condition: &str,
        values: &[(&str, AttributeValue)],
    ) -> Result<TransactWriteItem, BuildError> {
        let values = values.iter().map(|(name, value)| (format!(":{name}"), value.clone())).collect();
        let update = Update::builder().table_name(&self.table).set_key(Some(key(at)));
        let update = update.update_expression(change).condition_expression(condition);
        let update = update.set_expression_attribute_names(Some(names(&format!("{change} {condition}"))));
        let update = update.set_expression_attribute_values(Some(values)).build()?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    fn check(&self, at: (String, String), condition: &str) -> Result<TransactWriteItem, BuildError> {
        let check = ConditionCheck::builder().table_name(&self.table).set_key(Some(key(at)));
        let check = check.condition_expression(condition);
        let check = check.set_expression_attribute_names(Some(names(condition))).build()?;
        Ok(TransactWriteItem::builder().condition_check(check).build())
    }
}

fn order_item(order: &Order<'_>, now: &str) -> Item {
    let facts = [
        ("port_out_id", s(order.id)),
        ("spid", s(order.spid)),
        ("pon", s(order.pon)),
        ("port_out_version", s("01")),
        ("account_number", s(order.account)),
        ("telephone_numbers", AttributeValue::L(vec![s(order.tn)])),
        ("zip_code", s("98052")),
        ("desired_due_date", s(order.due)),
        ("port_out_status", s("confirmed")),
        ("foc_date", s(order.due)),
        ("rejections", AttributeValue::L(Vec::new())),
        ("received_at", s(now)),
        ("pin_fingerprint", s("local-0000000000000000$0000000000000000000000000000000000000000000")),
        ("list_pk", s(format!("ACCOUNT#{}#PORTOUTS", order.account))),
        ("list_sk", s(format!("{now}#{}", order.id))),
    ];
    with(key(order_key(order)), &facts)
}

fn event(account: &str, id: &str, kind: &str, now: &str, facts: &[(&str, AttributeValue)]) -> Item {
    let item = key((format!("ACCOUNT#{account}"), format!("EVENT#{id}")));
    with(with(item, &[("event", s(kind)), ("at", s(now)), ("actor", s("bare"))]), facts)
}

fn account_key(account: &str) -> (String, String) {
    (format!("ACCOUNT#{account}"), "ACCOUNT".to_owned())
}

fn attempts_key(order: &Order<'_>) -> (String, String) {
    (format!("ACCOUNT#{}", order.account), format!("ATTEMPTS#{}", order.spid))
}

fn order_key(order: &Order<'_>) -> (String, String) {
    (format!("PORTOUT#{}", order.id), "PORTOUT".to_owned())
}

fn pon_key(order: &Order<'_>) -> (String, String) {
    (format!("PON#{}#{}", order.spid, order.pon), "PON".to_owned())
}

fn tn_key(order: &Order<'_>) -> (String, String) {
    (format!("NUMBER#{}", order.tn), "NUMBER".to_owned())
}

fn key((pk, sk): (String, String)) -> Item {
    HashMap::from([("pk".to_owned(), s(pk)), ("sk".to_owned(), s(sk))])
}

fn with(mut item: Item, facts: &[(&str, AttributeValue)]) -> Item {
    item.extend(facts.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
    item
}

fn projection(attributes: &[&str]) -> String {
    attributes.iter().map(|name| format!("#{name}")).collect::<Vec<_>>().join(", ")
}

/// `#name` for each attribute that an expression names.
fn names(expression: &str) -> HashMap<String, String> {
    let word =
        |text: &str| text.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect::<String>();
    expression.split('#').skip(1).map(word).map(|name| (format!("#{name}"), name)).collect()
}

fn s(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

fn n(number: u64) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

fn text<'a>(item: &'a Item, name: &str) -> Result<&'a str, Failure> {
    item.get(name)
        .and_then(|value| value.as_s().ok())
        .map(String::as_str)
        .ok_or_else(|| format!("no {name}").into())
}

fn number(item: &Item, name: &str) -> Result<u64, Failure> {
    let digits = item.get(name).and_then(|value| value.as_n().ok()).ok_or_else(|| format!("no {name}"))?;
    Ok(digits.parse()?)
}
