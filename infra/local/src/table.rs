//! The service's tables as `infra/template.yaml` declares them, created in any DynamoDB-compatible engine.
//!
//! Reads keys, indexes, stream, and TTL from the template. Leaves out backups, encryption, and deletion protection,
//! which local engines do not support.

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::http::HttpResponse;
use aws_sdk_dynamodb::error::{BuildError, ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
    ProjectionType, ScalarAttributeType, StreamSpecification, StreamViewType, TableDescription, TableStatus,
    TimeToLiveSpecification, TimeToLiveStatus,
};
use runtime::store::TableNames;
use saphyr::{LoadableYamlNode, Yaml};

/// Content of `infra/template.yaml` at build time.
pub const TEMPLATE: &str = include_str!("../../template.yaml");

/// Resources of the tables in the template.
const STATE: &str = "Table";
const EVENTS: &str = "EventsTable";

/// Time for an engine to activate a table; local ones need milliseconds.
const ACTIVE_TIMEOUT: Duration = Duration::from_secs(10);

/// Why the table cannot be used.
#[derive(Clone, Debug, thiserror::Error)]
pub enum TableError {
    /// The template lacks something, or declares it in an unexpected form.
    #[error("infra/template.yaml: {0}")]
    Template(String),
    /// The engine already has a table of that name with other keys.
    #[error(
        "the engine's table {0} has other keys than infra/template.yaml: use another DATA_DIR, or delete that table"
    )]
    OtherKeys(String),
    /// A request to the engine failed: its operation, and why.
    #[error("the {0} request to the DynamoDB engine failed: {1}")]
    Request(&'static str, String),
    /// The table exists but did not become active in time.
    #[error("the engine's table {0} did not become active")]
    NotActive(String),
}

/// What [`create_tables`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Created {
    /// It created a table, which is empty.
    New,
    /// It found the tables from an earlier run, with the right keys.
    Found,
}

/// Key attributes, each with `HASH` or `RANGE`.
type Keys = Vec<(String, String)>;

/// The parts of a table that the service depends on: key attributes, their types, and the indexes' keys.
#[derive(Debug, PartialEq, Eq)]
struct Schema {
    attributes: BTreeMap<String, String>,
    keys: Keys,
    indexes: BTreeMap<String, Keys>,
}

/// What this repository's template declares; read once, since parsing it is slow without optimization.
static DECLARED: LazyLock<Result<Tables, TableError>> = LazyLock::new(|| Tables::from_template(TEMPLATE));

/// The table resources of a template.
#[derive(Debug)]
struct Tables {
    state: TableDefinition,
    events: TableDefinition,
}

/// One table resource.
#[derive(Debug)]
struct TableDefinition {
    schema: Schema,
    projections: BTreeMap<String, String>,
    billing_mode: String,
    stream_view_type: Option<String>,
    ttl_attribute: Option<String>,
}

/// Returns the names of the tables that belong together: the events' is that of the state with a suffix.
#[must_use]
pub fn names(state: &str) -> TableNames {
    TableNames { state: state.to_owned(), events: format!("{state}-events") }
}

/// Creates the template's tables under the given names, with their TTL, unless an earlier run did.
///
/// # Errors
/// Fails if the template is not as expected, a request fails, or the engine has a different table of one of the names.
pub async fn create_tables(client: &Client, names: &TableNames) -> Result<Created, TableError> {
    let declared = DECLARED.as_ref().map_err(TableError::clone)?;
    let state = declared.state.create_once(client, &names.state).await?;
    let events = declared.events.create_once(client, &names.events).await?;
    Ok(if state == Created::Found && events == Created::Found { Created::Found } else { Created::New })
}

impl Tables {
    /// Reads the tables from a CloudFormation or SAM template. Fails if the text is not YAML, or if a table is missing or
    /// incomplete.
    fn from_template(text: &str) -> Result<Self, TableError> {
        let documents = Yaml::load_from_str(text).map_err(|e| TableError::Template(e.to_string()))?;
        let root = documents.first().ok_or_else(|| TableError::Template("is empty".to_owned()))?;
        let resources = get(root, "Resources")?;
        let table = |resource: &str| {
            let table = get(resources, resource)?;
            if text_of(table, "Type")? != "AWS::DynamoDB::Table" {
                return Err(TableError::Template(format!("{resource} is not an AWS::DynamoDB::Table")));
            }
            TableDefinition::from_properties(get(table, "Properties")?)
        };
        Ok(Self { state: table(STATE)?, events: table(EVENTS)? })
    }
}

impl TableDefinition {
    fn from_properties(properties: &Yaml<'_>) -> Result<Self, TableError> {
        let mut indexes = BTreeMap::new();
        let mut projections = BTreeMap::new();
        for index in
            optional(properties, "GlobalSecondaryIndexes").and_then(Yaml::as_sequence).into_iter().flatten()
        {
            let name = text_of(index, "IndexName")?;
            indexes.insert(name.clone(), pairs(index, "KeySchema", "KeyType")?);
            projections.insert(name, text_of(get(index, "Projection")?, "ProjectionType")?);
        }
        let attributes = pairs(properties, "AttributeDefinitions", "AttributeType")?.into_iter().collect();
        let stream = optional(properties, "StreamSpecification");
        let ttl = optional(properties, "TimeToLiveSpecification");
        Ok(Self {
            schema: Schema { attributes, keys: pairs(properties, "KeySchema", "KeyType")?, indexes },
            projections,
            billing_mode: text_of(properties, "BillingMode")?,
            stream_view_type: stream.map(|stream| text_of(stream, "StreamViewType")).transpose()?,
            ttl_attribute: ttl.map(|ttl| text_of(ttl, "AttributeName")).transpose()?,
        })
    }

    async fn create_once(&self, client: &Client, name: &str) -> Result<Created, TableError> {
        let created = self.create(client, name).await?;
        self.check_active(client, name).await?;
        self.enable_ttl(client, name).await?;
        Ok(created)
    }

    async fn create(&self, client: &Client, name: &str) -> Result<Created, TableError> {
        let request = client
            .create_table()
            .table_name(name)
            .billing_mode(BillingMode::from(self.billing_mode.as_str()))
            .set_attribute_definitions(Some(self.attribute_definitions()?))
            .set_key_schema(Some(key_schema(&self.schema.keys)?))
            .set_global_secondary_indexes(self.indexes()?)
            .set_stream_specification(self.stream()?);
        match request.send().await {
            Ok(_) => Ok(Created::New),
            Err(e) if e.code() == Some("ResourceInUseException") => Ok(Created::Found),
            Err(e) => Err(failed("CreateTable", e)),
        }
    }

    fn attribute_definitions(&self) -> Result<Vec<AttributeDefinition>, TableError> {
        let definition = |(name, kind): (&String, &String)| {
            let kind = ScalarAttributeType::from(kind.as_str());
            AttributeDefinition::builder().attribute_name(name).attribute_type(kind).build()
        };
        self.schema.attributes.iter().map(definition).collect::<Result<_, _>>().map_err(incomplete)
    }

    fn indexes(&self) -> Result<Option<Vec<GlobalSecondaryIndex>>, TableError> {
        let index = |(name, keys): (&String, &Keys)| {
            let projection = self.projections.get(name).map(|kind| ProjectionType::from(kind.as_str()));
            GlobalSecondaryIndex::builder()
                .index_name(name)
                .set_key_schema(Some(key_schema(keys)?))
                .projection(Projection::builder().set_projection_type(projection).build())
                .build()
                .map_err(incomplete)
        };
        let indexes = self.schema.indexes.iter().map(index).collect::<Result<Vec<_>, TableError>>()?;
        Ok((!indexes.is_empty()).then_some(indexes))
    }

    fn stream(&self) -> Result<Option<StreamSpecification>, TableError> {
        let enabled = |view: &String| {
            let view = StreamViewType::from(view.as_str());
            StreamSpecification::builder().stream_enabled(true).stream_view_type(view).build()
        };
        self.stream_view_type.as_ref().map(enabled).transpose().map_err(incomplete)
    }

    async fn check_active(&self, client: &Client, name: &str) -> Result<(), TableError> {
        let wait = async {
            loop {
                let description = describe(client, name).await?;
                if description.table_status() == Some(&TableStatus::Active) {
                    return Ok(description);
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        let description = tokio::time::timeout(ACTIVE_TIMEOUT, wait)
            .await
            .map_err(|_| TableError::NotActive(name.to_owned()))??;
        if schema_of(&description) == self.schema {
            Ok(())
        } else {
            Err(TableError::OtherKeys(name.to_owned()))
        }
    }

    /// Checks first, because engines refuse to enable a TTL that is already enabled.
    async fn enable_ttl(&self, client: &Client, name: &str) -> Result<(), TableError> {
        let Some(attribute) = &self.ttl_attribute else { return Ok(()) };
        let response = client.describe_time_to_live().table_name(name).send().await;
        let response = response.map_err(|e| failed("DescribeTimeToLive", e))?;
        let status = response.time_to_live_description().and_then(|ttl| ttl.time_to_live_status());
        if matches!(status, Some(TimeToLiveStatus::Enabled | TimeToLiveStatus::Enabling)) {
            return Ok(());
        }
        let ttl = TimeToLiveSpecification::builder().attribute_name(attribute).enabled(true).build();
        let request = client.update_time_to_live().table_name(name);
        let response = request.time_to_live_specification(ttl.map_err(incomplete)?).send().await;
        response.map(drop).map_err(|e| failed("UpdateTimeToLive", e))
    }
}

async fn describe(client: &Client, name: &str) -> Result<TableDescription, TableError> {
    let response =
        client.describe_table().table_name(name).send().await.map_err(|e| failed("DescribeTable", e))?;
    response.table.ok_or_else(|| TableError::NotActive(name.to_owned()))
}

fn schema_of(description: &TableDescription) -> Schema {
    let attribute = |definition: &AttributeDefinition| {
        (definition.attribute_name.clone(), definition.attribute_type.as_str().to_owned())
    };
    let indexes = description.global_secondary_indexes().iter();
    Schema {
        attributes: description.attribute_definitions().iter().map(attribute).collect(),
        keys: keys_of(description.key_schema()),
        indexes: indexes
            .filter_map(|index| Some((index.index_name.clone()?, keys_of(index.key_schema()))))
            .collect(),
    }
}

fn keys_of(schema: &[KeySchemaElement]) -> Keys {
    let key =
        |element: &KeySchemaElement| (element.attribute_name.clone(), element.key_type.as_str().to_owned());
    schema.iter().map(key).collect()
}

fn key_schema(keys: &Keys) -> Result<Vec<KeySchemaElement>, TableError> {
    let element = |(name, kind): &(String, String)| {
        KeySchemaElement::builder().attribute_name(name).key_type(KeyType::from(kind.as_str())).build()
    };
    keys.iter().map(element).collect::<Result<_, _>>().map_err(incomplete)
}

fn failed<E>(operation: &'static str, error: SdkError<E, HttpResponse>) -> TableError
where
    E: std::error::Error + Send + Sync + 'static,
{
    let mut reasons = vec![error.to_string()];
    let mut source = std::error::Error::source(&error);
    while let Some(error) = source {
        reasons.push(error.to_string());
        source = error.source();
    }
    TableError::Request(operation, reasons.join(": "))
}

fn incomplete(error: BuildError) -> TableError {
    TableError::Template(error.to_string())
}

fn optional<'a, 'y>(node: &'a Yaml<'y>, key: &str) -> Option<&'a Yaml<'y>> {
    node.as_mapping_get(key)
}

fn get<'a, 'y>(node: &'a Yaml<'y>, key: &str) -> Result<&'a Yaml<'y>, TableError> {
    optional(node, key).ok_or_else(|| TableError::Template(format!("the table's {key} is missing")))
}

fn text_of(node: &Yaml<'_>, key: &str) -> Result<String, TableError> {
    let text = get(node, key)?.as_str().map(str::to_owned);
    text.ok_or_else(|| TableError::Template(format!("the table's {key} is not plain text")))
}

/// Reads a list of `{ AttributeName: …, <kind>: … }`.
fn pairs(node: &Yaml<'_>, key: &str, kind: &str) -> Result<Keys, TableError> {
    let list = get(node, key)?.as_sequence();
    let list = list.ok_or_else(|| TableError::Template(format!("the table's {key} is not a list")))?;
    list.iter().map(|entry| Ok((text_of(entry, "AttributeName")?, text_of(entry, kind)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use runtime::store::key::Index;

    fn text(pairs: &[(&str, &str)]) -> Keys {
        pairs.iter().map(|(name, kind)| ((*name).to_owned(), (*kind).to_owned())).collect()
    }

    #[test]
    fn the_template_declares_the_tables_that_the_service_expects() {
        let Tables { state, events } = Tables::from_template(TEMPLATE).unwrap();
        let index = |index: Index| {
            let [pk, sk] = index.keys();
            (index.name().to_owned(), text(&[(pk, "HASH"), (sk, "RANGE")]))
        };
        let indexes = [Index::Lists, Index::Carriers, Index::Open];
        let index_keys = indexes.iter().flat_map(|index| index.keys());
        let attributes =
            ["pk", "sk"].into_iter().chain(index_keys).map(|name| (name.to_owned(), "S".to_owned()));
        assert_eq!(state.schema.attributes, attributes.collect());
        assert_eq!(state.schema.indexes, indexes.map(index).into());
        assert!(state.projections.values().all(|kind| kind == "KEYS_ONLY") && state.projections.len() == 3);
        assert_eq!((events.schema.attributes.len(), events.schema.indexes.len()), (2, 0));
        for table in [&state, &events] {
            assert_eq!(table.schema.keys, text(&[("pk", "HASH"), ("sk", "RANGE")]));
            assert_eq!(table.billing_mode, "PAY_PER_REQUEST");
        }
        let streams = [&state, &events].map(|table| table.stream_view_type.as_deref());
        assert_eq!(streams, [None, Some("NEW_IMAGE")]);
        assert_eq!([&state, &events].map(|table| table.ttl_attribute.as_deref()), [Some("expires_at"), None]);
    }

    #[test]
    fn cloudformation_functions_elsewhere_in_the_template_are_accepted() {
        let more = "  Other:\n    Type: AWS::Serverless::Function\n    Properties:\n      Name: !Sub \"${Table}-x\"\n      \
                    Arn: !GetAtt Table.Arn\n      Choice: !If [Is, !Ref Table, !Ref AWS::NoValue]\n";
        Tables::from_template(&format!("{TEMPLATE}{more}")).unwrap();
    }

    #[test]
    fn an_error_says_what_the_template_lacks() {
        let cases = [
            (TEMPLATE.replace("  Table:", "  Tables:"), "the table's Table is missing"),
            (TEMPLATE.replace("BillingMode:", "Billing:"), "the table's BillingMode is missing"),
            (
                TEMPLATE.replace("AWS::DynamoDB::Table", "AWS::SQS::Queue"),
                "Table is not an AWS::DynamoDB::Table",
            ),
            (TEMPLATE.replace("S }", "!Ref Kind }"), "the table's AttributeType is not plain text"),
            (String::new(), "is empty"),
        ];
        for (template, what) in cases {
            let error = Tables::from_template(&template).unwrap_err().to_string();
            assert_eq!(error, format!("infra/template.yaml: {what}"));
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_table_with_other_keys_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let engine = crate::engine::Engine::embedded(dir.path()).await.unwrap();
        let client = crate::engine::client(engine.endpoint());
        let other = TEMPLATE.replace("AttributeName: sk,", "AttributeName: sort,");
        let other = Tables::from_template(&other).unwrap();
        for (table, name) in [(other.state, "taken"), (other.events, "free-events")] {
            table.create(&client, name).await.unwrap();
        }
        for state in ["taken", "free"] {
            let error = create_tables(&client, &names(state)).await.unwrap_err();
            assert!(matches!(error, TableError::OtherKeys(_)), "{error}");
        }
        engine.stop().await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn index_stream_and_ttl_reach_the_engine() {
        let dir = tempfile::tempdir().unwrap();
        let engine = crate::engine::Engine::embedded(dir.path()).await.unwrap();
        let client = crate::engine::client(engine.endpoint());
        let names = names("whole");
        assert_eq!(create_tables(&client, &names).await.unwrap(), Created::New);
        assert_eq!(create_tables(&client, &names).await.unwrap(), Created::Found);
        let state = describe(&client, &names.state).await.unwrap();
        assert!(state.stream_specification.is_none());
        let projection = state.global_secondary_indexes.unwrap()[0].projection.clone().unwrap();
        assert_eq!(projection.projection_type, Some(ProjectionType::KeysOnly));
        let stream = describe(&client, &names.events).await.unwrap().stream_specification.unwrap();
        assert_eq!(stream.stream_view_type, Some(StreamViewType::NewImage));
        let ttl = client.describe_time_to_live().table_name(&names.state).send().await.unwrap();
        let ttl = ttl.time_to_live_description.unwrap();
        assert_eq!(ttl.attribute_name.as_deref(), Some("expires_at"));
        engine.stop().await;
    }
}
