//! Notes how long the SDK's calls take, and how often it tries, in the timings of the request that makes them.

use aws_sdk_dynamodb::config::interceptors::{
    BeforeSerializationInterceptorContextRef, BeforeTransmitInterceptorContextRef,
    FinalizerInterceptorContextRef,
};
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;
use aws_smithy_runtime_api::client::interceptors::dyn_dispatch_hint;

use crate::timings::{self, Dependency};

/// Counts the calls of one client.
#[derive(Debug)]
pub(super) struct Timer(pub Dependency);

// Without the hint, the SDK would ask it sixteen more times in each call, to no effect.
#[dyn_dispatch_hint]
impl Intercept for Timer {
    fn name(&self) -> &'static str {
        "Timer"
    }

    fn read_before_execution(
        &self,
        _: &BeforeSerializationInterceptorContextRef<'_>,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        timings::begin(self.0);
        timings::call();
        Ok(())
    }

    fn read_before_attempt(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        timings::attempt();
        Ok(())
    }

    fn read_after_execution(
        &self,
        _: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        timings::end(self.0);
        Ok(())
    }
}
