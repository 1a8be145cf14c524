//! `POST /v1/port-outs/{id}/release`: the porting desk releases a port-out on the authority of somebody else.
//!
//! Never on the provider's own motion: a carrier must not delay or deny a valid port (47 CFR 52.34, FCC DA 14-842).

use runtime::clock::{Clock, Timestamp};
use runtime::http::field_error::{FieldError, FieldRule};
use runtime::http::port_out_view::PortOutView;
use runtime::http::problem::Problem;
use runtime::http::request::Request;
use runtime::http::response::Response;
use runtime::http::response_meta::WithMeta as _;
use runtime::http::time_field::Instant;
use runtime::store::commit::{Commit, Retry};
use runtime::store::lifecycle::{LifecycleStore, evidence, evidence_at};
use shared::due_date::local_date;
use shared::intake::Reference;
use shared::port_out::{Cancellation, CancelledBy, PortOut};

use crate::port_out::{existing, require_open};

/// On whose authority a port-out is released.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Authority {
    Carrier,
    EndUser,
    Abandoned,
    PortedElsewhere,
}

/// Why a text is not an authority.
#[derive(Debug)]
struct AuthorityError;

impl Authority {
    const ALL: [Self; 4] = [Self::Carrier, Self::EndUser, Self::Abandoned, Self::PortedElsewhere];

    fn as_str(self) -> &'static str {
        match self {
            Self::Carrier => "carrier",
            Self::EndUser => "end_user",
            Self::Abandoned => "abandoned",
            Self::PortedElsewhere => "ported_elsewhere",
        }
    }
}

impl std::str::FromStr for Authority {
    type Err = AuthorityError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|it| it.as_str() == text).ok_or(AuthorityError)
    }
}

impl std::fmt::Display for AuthorityError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("The authority must be carrier, end_user, abandoned, or ported_elsewhere.")
    }
}

impl FieldRule for AuthorityError {
    fn code(&self) -> &'static str {
        INVALID
    }
}

const INVALID: &str = "authority_invalid";

/// Releases a port-out.
pub async fn release(store: &LifecycleStore, clock: &Clock, request: &Request) -> Result<Response, Problem> {
    let identity = request.identity()?;
    identity.require_desk()?;
    let (authority, reference, obtained_at) = read_authority(request)?;
    let mut retry = Retry::new("releasing a port-out conflicted with another write on every attempt");
    loop {
        let (before, now) = (existing(store, request).await?, clock.now());
        require_open(&before, now)?;
        check(authority, obtained_at, &before, now)?;
        let cancellation =
            Cancellation { by: CancelledBy::Desk, reason: authority.as_str().to_owned(), at: now };
        let after = before.clone().cancelled(cancellation);
        let evidence =
            vec![("reference", evidence(reference.as_str())), ("obtained_at", evidence_at(obtained_at))];
        match store.cancel(&before, &after, None, evidence, &identity.actor(), now).await? {
            Commit::Done(()) => {
                let response = Response::json(200, &PortOutView::new(&after, now));
                return Ok(response.with_log(|log| log.port_out(&after, now)));
            }
            Commit::Stale => retry.after_stale().await?,
        }
    }
}

fn read_authority(request: &Request) -> Result<(Authority, Reference, Timestamp), Problem> {
    let mut body = request.json()?;
    let fields = (
        body.required("authority"),
        body.required("reference"),
        body.required("obtained_at").map(|Instant(at)| at),
    );
    body.finish(fields)
}

/// Checks that the authority fits the port-out: it is later than the request, and an abandoned port was due.
fn check(
    authority: Authority,
    obtained_at: Timestamp,
    port_out: &PortOut,
    now: Timestamp,
) -> Result<(), Problem> {
    let mut errors = Vec::new();
    if obtained_at <= port_out.received_at || obtained_at > now {
        let detail = "The authority must be obtained after the port-out was received, and not in the future.";
        errors.push(FieldError::new("/obtained_at", "obtained_at_invalid", detail));
    }
    let today = local_date(now, port_out.numbers.as_slice());
    if authority == Authority::Abandoned && port_out.outcome.foc_date().is_some_and(|due| today <= due) {
        let detail = "A port-out is abandoned only after its due date.";
        errors.push(FieldError::new("/authority", INVALID, detail));
    }
    if errors.is_empty() { Ok(()) } else { Err(Problem::invalid(errors)) }
}
