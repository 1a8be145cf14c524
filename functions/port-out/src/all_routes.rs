//! Serves the routes of carriers and of Bandwidth from one process, for local runs.

use runtime::http::endpoint::{BandwidthEndpoint, Endpoint, FunctionEndpoint, PortOutEndpoint};
use runtime::http::problem::Problem;
use runtime::http::request::Request;
use runtime::http::response::Response;
use runtime::http::service::Handler;

use crate::{Bandwidth, PortOuts};

/// Handler of both functions of the binary.
pub struct AllRoutes {
    /// Handler of the function `port-out`.
    pub carriers: PortOuts,
    /// Handler of the function `bandwidth`.
    pub bandwidth: Bandwidth,
}

/// Endpoint of either function.
#[derive(Debug, Clone, Copy)]
pub enum EitherEndpoint {
    /// Of `port-out`.
    Carrier(PortOutEndpoint),
    /// Of `bandwidth`.
    Bandwidth(BandwidthEndpoint),
}

impl FunctionEndpoint for EitherEndpoint {
    const FUNCTION: &'static str = PortOutEndpoint::FUNCTION;

    fn of(endpoint: Endpoint) -> Option<Self> {
        let carrier = PortOutEndpoint::of(endpoint).map(Self::Carrier);
        carrier.or_else(|| BandwidthEndpoint::of(endpoint).map(Self::Bandwidth))
    }
}

impl Handler for AllRoutes {
    type Endpoint = EitherEndpoint;

    async fn handle(&self, endpoint: EitherEndpoint, request: &Request) -> Result<Response, Problem> {
        match endpoint {
            EitherEndpoint::Carrier(own) => self.carriers.handle(own, request).await,
            EitherEndpoint::Bandwidth(own) => self.bandwidth.handle(own, request).await,
        }
    }

    fn refuse(
        &self,
        endpoint: Option<EitherEndpoint>,
        event: &str,
        problem: Problem,
    ) -> Result<Response, Problem> {
        match endpoint {
            Some(EitherEndpoint::Bandwidth(own)) => self.bandwidth.refuse(Some(own), event, problem),
            Some(EitherEndpoint::Carrier(_)) | None => Err(problem),
        }
    }
}
