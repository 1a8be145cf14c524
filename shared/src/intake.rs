//! How a request came in: by API, by webhook, or through the porting desk.

use std::fmt;
use std::str::FromStr;

use jiff::{SignedDuration, Timestamp};

use crate::free_text::is_free_text;
use crate::webhook_source::SourceId;

/// Way by which a request reached the porting desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeskChannel {
    /// A fax.
    Fax,
    /// An e-mail.
    Email,
    /// A telephone call.
    Phone,
    /// A form of the provider's portal.
    Portal,
}

/// Why a text is not a channel of the porting desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("The channel must be fax, email, phone, or portal.")]
pub struct DeskChannelError;

impl DeskChannelError {
    /// Error code of a field that breaks this rule.
    pub const CODE: &'static str = "channel_invalid";
}

impl DeskChannel {
    /// Returns the channel as the API and the table write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fax => "fax",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Portal => "portal",
        }
    }
}

impl FromStr for DeskChannel {
    type Err = DeskChannelError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let all = [Self::Fax, Self::Email, Self::Phone, Self::Portal];
        all.into_iter().find(|channel| channel.as_str() == text).ok_or(DeskChannelError)
    }
}

/// Way by which a request came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Channel {
    /// The API, with the carrier's own token.
    Api,
    /// This webhook source.
    Webhook(SourceId),
    /// The porting desk, which entered it for the carrier.
    Desk(DeskChannel),
}

impl Channel {
    /// Returns the channel as the API and the table write it.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Webhook(_) => "webhook",
            Self::Desk(channel) => channel.as_str(),
        }
    }

    /// Restores a channel from its record.
    pub fn recorded(text: &str, source: Option<SourceId>) -> Option<Self> {
        match (text, source) {
            ("api", None) => Some(Self::Api),
            ("webhook", Some(source)) => Some(Self::Webhook(source)),
            (_, None) => text.parse().map(Self::Desk).ok(),
            (_, Some(_)) => None,
        }
    }

    /// Returns the source, if a webhook brought the request.
    pub fn source(&self) -> Option<&SourceId> {
        match self {
            Self::Webhook(source) => Some(source),
            Self::Api | Self::Desk(_) => None,
        }
    }

    /// Returns whether a supplement that comes this way may change a PON that came by `first`: it needs no PIN, so it
    /// must come from where the PON came from, or from the porting desk.
    pub fn may_supplement(&self, first: &Self) -> bool {
        match self {
            Self::Desk(_) => true,
            Self::Api => matches!(first, Self::Api),
            Self::Webhook(_) => self == first,
        }
    }
}

/// Reference of a paper, such as a carrier's letter: 1-100 characters, not blank, without control characters.
#[derive(Clone, PartialEq, Eq)]
pub struct Reference(String);

/// Why a text is not a reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("The text must be 1 to 100 characters, must not be blank, and must not contain control characters.")]
pub struct ReferenceError;

impl ReferenceError {
    /// Error code of a field that breaks this rule.
    pub const CODE: &'static str = "text_invalid";
}

impl Reference {
    /// Returns the text exactly as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Reference {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if is_free_text(text) { Ok(Self(text.to_owned())) } else { Err(ReferenceError) }
    }
}

// It may name a person, so it stays out of logs.
impl fmt::Debug for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reference(…)")
    }
}

/// Longest time between the receipt of a request and its entry by the porting desk.
pub const ENTRY_LATENESS: SignedDuration = SignedDuration::from_hours(10 * 24);

/// How and when a request came in.
#[derive(Debug, Clone)]
pub struct Intake {
    /// Way by which it came.
    pub channel: Channel,
    /// When the porting desk received it, if that was before the entry.
    pub received_at: Option<Timestamp>,
    /// Reference that the porting desk gave.
    pub reference: Option<Reference>,
}

impl Intake {
    /// Creates the intake of a request that is received now.
    pub fn now(channel: Channel) -> Self {
        Self { channel, received_at: None, reference: None }
    }

    /// Returns whether the porting desk entered the request.
    pub fn is_desk(&self) -> bool {
        matches!(self.channel, Channel::Desk(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn webhook(id: &str) -> Channel {
        Channel::Webhook(id.parse().unwrap())
    }

    #[test]
    fn a_channel_reads_back() {
        let desk = |text: &str| Channel::Desk(text.parse().unwrap());
        for channel in
            [Channel::Api, webhook("acme"), desk("fax"), desk("email"), desk("phone"), desk("portal")]
        {
            assert_eq!(Channel::recorded(channel.as_str(), channel.source().cloned()), Some(channel));
        }
        assert_eq!(Channel::recorded("webhook", None), None);
        assert_eq!(Channel::recorded("api", "acme".parse().ok()), None);
    }

    #[test]
    fn a_supplement_comes_from_where_the_pon_came_from_or_from_the_desk() {
        let desk = Channel::Desk(DeskChannel::Fax);
        for (channel, first, may) in [
            (Channel::Api, Channel::Api, true),
            (Channel::Api, webhook("acme"), false),
            (Channel::Api, desk.clone(), false),
            (webhook("acme"), webhook("acme"), true),
            (webhook("acme"), webhook("other"), false),
            (webhook("acme"), Channel::Api, false),
            (desk.clone(), Channel::Api, true),
            (desk.clone(), webhook("acme"), true),
            (desk.clone(), Channel::Desk(DeskChannel::Phone), true),
        ] {
            assert_eq!(channel.may_supplement(&first), may, "{channel:?} after {first:?}");
        }
    }
}
