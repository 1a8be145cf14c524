//! Why a request of a browser does not lead to what was asked for.

use runtime::error::Error;
use runtime::http::problem::{Code, Problem};
use runtime::http::response::Response;
use runtime::http::response_meta::WithMeta as _;

use crate::api::failure::ApiFailure;
use crate::oidc::SignInFailure;
use crate::oidc::callback::CallbackRefusal;
use crate::pages;
use crate::target::Target;

/// A failure, which becomes a page.
#[derive(Debug)]
pub enum Failure {
    /// The session is over; signing in leads back to the page.
    Expired(Target),
    /// The API refuses this operation to the token.
    NoScope,
    /// The token does not even allow reading.
    NotOwner,
    /// The token names no account.
    NoAccount,
    /// The identity provider's answer does not fit a sign-in that began here.
    SignInForeign,
    /// The identity provider refused.
    SignInDenied,
    /// The token does not fit into two cookies.
    TokenTooLong,
    /// The identity provider does not answer as it should.
    ProviderDown(Error),
    /// The API does not answer as it should.
    ApiDown(Error),
    /// The console failed.
    Internal(Error),
    /// Too many requests: wait for these seconds.
    Wait(u64),
    /// A form was sent from elsewhere.
    ForeignForm,
    /// A form is larger than any of ours.
    FormTooLarge,
    /// No such page, or not this administrator's to see.
    NotFound,
}

impl Failure {
    /// Creates the page; the error behind it is logged.
    pub fn response(self) -> Response {
        let (status, page) = pages::failure::page(&self);
        let response = page.response(status);
        match self {
            Self::ProviderDown(error) | Self::ApiDown(error) | Self::Internal(error) => {
                response.with_error(error)
            }
            Self::Wait(seconds) => response.with_header("Retry-After", seconds.to_string()),
            Self::Expired(_)
            | Self::NoScope
            | Self::NotOwner
            | Self::NoAccount
            | Self::SignInForeign
            | Self::SignInDenied
            | Self::TokenTooLong
            | Self::ForeignForm
            | Self::FormTooLarge
            | Self::NotFound => response,
        }
    }

    /// Reads a refusal of the API to what this page asked.
    pub fn of_api(failure: ApiFailure, target: Target) -> Self {
        match failure {
            ApiFailure::SignedOut => Self::Expired(target),
            ApiFailure::Forbidden => Self::NoScope,
            ApiFailure::NotFound => Self::NotFound,
            ApiFailure::Wait(seconds) => Self::Wait(seconds),
            ApiFailure::Refused(_) => {
                Self::ApiDown(Error::internal("the API refused what the console asked"))
            }
            ApiFailure::Down(error) => Self::ApiDown(error),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Internal(error)
    }
}

impl From<SignInFailure> for Failure {
    fn from(failure: SignInFailure) -> Self {
        match failure {
            SignInFailure::Refused(CallbackRefusal::Foreign) => Self::SignInForeign,
            SignInFailure::Refused(CallbackRefusal::Denied) => Self::SignInDenied,
            SignInFailure::Refused(CallbackRefusal::Unavailable) => {
                Self::ProviderDown(Error::unavailable("the identity provider says that it is not available"))
            }
            SignInFailure::Provider(error) => Self::ProviderDown(error),
        }
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        match (problem.code(), problem.into_error()) {
            (_, Some(error)) => Self::Internal(error),
            (Code::BodyTooLarge | Code::MalformedRequest, None) => Self::FormTooLarge,
            // Whatever is wrong with a path or a method: the browser asked for a page that is not there.
            (_, None) => Self::NotFound,
        }
    }
}
