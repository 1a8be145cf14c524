//! Child processes that do not outlive this one, and neither do their own children.

use crate::error::Failure;
use rustix::process::{Pid, Signal, kill_process_group};
use std::time::Duration;
use tokio::process::{Child, Command};

/// Every process started here, each the leader of a process group of its own: a Ctrl-C reaches only us, and we decide
/// in which order things end.
#[derive(Debug)]
pub struct Children {
    started: Vec<Child>,
}

impl Children {
    /// No children yet. Orphans of later ones become ours instead of the system's, so that [`Children::end`] finds them.
    #[must_use]
    pub fn none() -> Self {
        linux::adopt_orphans();
        Self { started: Vec::new() }
    }

    /// Starts a process that ends with this one, even when this one is killed. Call it on the main thread.
    ///
    /// # Errors
    /// The program cannot be started.
    pub fn start(&mut self, command: &mut Command) -> Result<&mut Child, Failure> {
        let program = command.as_std().get_program().to_owned();
        linux::end_with_parent(command.process_group(0));
        let child = command.spawn();
        let child = child.map_err(|e| Failure::because(format!("cannot start {}", program.display()), e))?;
        self.started.push(child);
        self.started.last_mut().ok_or_else(|| Failure::Broken("no child".to_owned()))
    }

    /// Ends every process, with SIGKILL what is still there after `grace`, and waits until none is left.
    pub async fn end(mut self, grace: Duration) {
        self.signal(Signal::TERM);
        if tokio::time::timeout(grace, self.wait()).await.is_err() {
            self.signal(Signal::KILL);
            self.wait().await;
        }
        linux::kill_orphans();
    }

    fn signal(&self, signal: Signal) {
        let ids = self.started.iter().filter_map(Child::id);
        for id in ids.filter_map(|it| Pid::from_raw(it.try_into().unwrap_or_default())) {
            // It may have ended since; there is nothing else to do about a failure.
            let _ = kill_process_group(id, signal);
        }
    }

    async fn wait(&mut self) {
        for child in &mut self.started {
            let _ = child.wait().await;
        }
    }
}

#[cfg(target_os = "linux")]
mod linux {
    //! What only Linux can do: adopt orphans, and end children whose parent was killed.

    use rustix::process::{
        Pid, Signal, WaitOptions, kill_process, set_child_subreaper, set_parent_process_death_signal, waitpid,
    };
    use std::fs;
    use tokio::process::Command;

    /// Each round ends one generation of orphans; functions have no grandchildren.
    const ROUNDS: usize = 8;

    pub(super) fn adopt_orphans() {
        let _ = set_child_subreaper(Some(rustix::process::getpid()));
    }

    #[allow(
        unsafe_code,
        reason = "pre_exec has no safe form; the closure makes one system call and allocates nothing"
    )]
    pub(super) fn end_with_parent(command: &mut Command) {
        let ask = || set_parent_process_death_signal(Some(Signal::TERM)).map_err(Into::into);
        // SAFETY: between fork and exec only async-signal-safe calls are allowed, and prctl(2) is all that runs.
        unsafe { command.pre_exec(ask) };
    }

    pub(super) fn kill_orphans() {
        for _ in 0..ROUNDS {
            let orphans = children();
            for orphan in &orphans {
                let _ = kill_process(*orphan, Signal::KILL);
                let _ = waitpid(Some(*orphan), WaitOptions::empty());
            }
            if orphans.is_empty() {
                return;
            }
        }
    }

    /// The children of all our threads, as the kernel lists them.
    fn children() -> Vec<Pid> {
        let threads = fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
        let lists = threads.filter_map(|it| fs::read_to_string(it.path().join("children")).ok());
        let ids = lists.flat_map(|it| it.split(' ').filter_map(|id| id.parse().ok()).collect::<Vec<i32>>());
        ids.filter_map(Pid::from_raw).collect()
    }
}

#[cfg(not(target_os = "linux"))]
mod linux {
    //! Elsewhere children get their SIGTERM from [`super::Children::end`] only.

    pub(super) fn adopt_orphans() {}
    pub(super) fn end_with_parent(_: &mut tokio::process::Command) {}
    pub(super) fn kill_orphans() {}
}
