//! What a browser brings and takes: the cookies of a sign-in, a session, and a notice, sealed and opened.

use runtime::error::Error;
use runtime::http::request::Request;
use runtime::http::response::Response;

use crate::Console;
use crate::administrator::{Administrator, NotAdministrator};
use crate::cookies::Cookie;
use crate::failure::Failure;
use crate::form::Form;
use crate::notice::{self, Notice};
use crate::oidc::attempt::{self, Attempt};
use crate::same_origin;
use crate::sealed::Purpose;
use crate::session::{self, Session};
use crate::target::Target;

impl Console {
    /// Returns the administrator whose session the browser has; `None` if it has none.
    ///
    /// # Errors
    /// The session is over, or its token is not that of an administrator.
    pub(crate) async fn administrator(
        &self,
        request: &Request,
        target: &Target,
    ) -> Result<Option<Administrator>, Failure> {
        let cookie = |cookie| request.cookie(&self.cookies.name(cookie)).unwrap_or_default();
        let sealed = format!("{}{}", cookie(Cookie::Session), cookie(Cookie::SessionRest));
        if sealed.is_empty() {
            return Ok(None);
        }
        // What does not open is of an earlier key, or forged: either way there is no session.
        let opened = self.keys.sealer().await?.open(Purpose::Session, &sealed);
        let session = opened.and_then(|bytes| Session::from_bytes(&bytes));
        let session = session.filter(|session| !session.is_over(self.clock.now()));
        let session = session.ok_or_else(|| Failure::Expired(target.clone()))?;
        match Administrator::of(session, &self.claims) {
            Ok(administrator) => Ok(Some(administrator)),
            Err(NotAdministrator::NoScope) => Err(Failure::NotOwner),
            Err(NotAdministrator::NoAccount | NotAdministrator::Unreadable) => Err(Failure::NoAccount),
        }
    }

    /// Reads a form that a page of ours sent, and the administrator who sent it.
    ///
    /// # Errors
    /// It comes from elsewhere, or without a session.
    pub(crate) async fn form(
        &self,
        request: &Request,
        target: &Target,
    ) -> Result<(Administrator, Form), Failure> {
        self.require_own_form(request)?;
        let administrator = self.administrator(request, target).await?;
        let administrator = administrator.ok_or_else(|| Failure::Expired(target.clone()))?;
        Ok((administrator, Form::read(request)?))
    }

    /// Refuses a form that another site's page sent.
    ///
    /// # Errors
    /// It does not come from a page of ours.
    pub(crate) fn require_own_form(&self, request: &Request) -> Result<(), Failure> {
        let (origin, site) = (request.header("origin"), request.header("sec-fetch-site"));
        if same_origin::is_ours(&self.url, origin, site) { Ok(()) } else { Err(Failure::ForeignForm) }
    }

    /// Gives the browser a session in place of any other, and ends the sign-in.
    ///
    /// # Errors
    /// The token is too long for two cookies.
    pub(crate) async fn with_session(&self, to: Response, session: &Session) -> Result<Response, Failure> {
        let sealed = self.keys.sealer().await?.seal(Purpose::Session, &session.to_bytes())?;
        let (first, rest) = session::split(&sealed).ok_or(Failure::TokenTooLong)?;
        let rest = match rest {
            Some(rest) => self.cookies.set(Cookie::SessionRest, rest, None),
            None => self.cookies.remove(Cookie::SessionRest),
        };
        // Until the browser is closed, so that a session that is over can still be told from none.
        let first = self.cookies.set(Cookie::Session, first, None);
        Ok([first, rest, self.cookies.remove(Cookie::SignIn)].into_iter().fold(to, Response::with_cookie))
    }

    /// Takes every cookie from the browser.
    pub(crate) fn without_cookies(&self, to: Response) -> Response {
        let all = [Cookie::Session, Cookie::SessionRest, Cookie::SignIn, Cookie::Notice];
        all.into_iter().map(|cookie| self.cookies.remove(cookie)).fold(to, Response::with_cookie)
    }

    /// Lets the browser keep a sign-in that has begun.
    pub(crate) async fn with_attempt(&self, to: Response, attempt: &Attempt) -> Result<Response, Error> {
        let sealed = self.keys.sealer().await?.seal(Purpose::SignIn, &attempt.to_bytes())?;
        Ok(to.with_cookie(self.cookies.set(Cookie::SignIn, &sealed, Some(attempt::SECONDS))))
    }

    /// Returns the sign-in that this browser began.
    pub(crate) async fn attempt(&self, request: &Request) -> Result<Option<Attempt>, Error> {
        let Some(sealed) = request.cookie(&self.cookies.name(Cookie::SignIn)) else { return Ok(None) };
        let opened = self.keys.sealer().await?.open(Purpose::SignIn, sealed);
        Ok(opened.and_then(|bytes| Attempt::from_bytes(&bytes)))
    }

    /// Leads to a page that says what was done.
    pub(crate) async fn done(
        &self,
        administrator: &Administrator,
        notice: &Notice,
    ) -> Result<Response, Error> {
        let bytes = notice.to_bytes(&administrator.session.id);
        let sealed = self.keys.sealer().await?.seal(Purpose::Notice, &bytes)?;
        let cookie = self.cookies.set(Cookie::Notice, &sealed, Some(notice::SECONDS));
        Ok(Response::see_other(Target::panel().as_str()).with_cookie(cookie))
    }

    /// Returns what was just done in this session.
    pub(crate) async fn notice(
        &self,
        request: &Request,
        administrator: &Administrator,
    ) -> Result<Option<Notice>, Error> {
        let Some(sealed) = request.cookie(&self.cookies.name(Cookie::Notice)) else { return Ok(None) };
        let opened = self.keys.sealer().await?.open(Purpose::Notice, sealed);
        Ok(opened.and_then(|bytes| Notice::from_bytes(&bytes, &administrator.session.id)))
    }

    /// Takes the notice from the browser, since it was shown.
    pub(crate) fn without_notice(&self, to: Response) -> Response {
        to.with_cookie(self.cookies.remove(Cookie::Notice))
    }
}
