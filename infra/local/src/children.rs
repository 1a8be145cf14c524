//! Child processes that end with this process, as do their own children.

use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::{Child, Command};

use crate::error::CliError;

/// Every process started here. Each one leads its own process group, so that Ctrl-C reaches only this process, which
/// then ends the others in order.
#[derive(Debug)]
pub struct Children {
    started: Vec<Child>,
}

impl Children {
    /// Creates an empty set. From now on, this process adopts its orphaned descendants instead of the system, so that
    /// [`Children::end`] finds them.
    #[must_use]
    pub fn none() -> Self {
        linux::adopt_orphans();
        Self { started: Vec::new() }
    }

    /// Starts a process that ends with this one, even if this one is killed. Call it on the main thread: Linux ends
    /// a child when the thread that started it ends.
    ///
    /// # Errors
    /// Fails if the program cannot be started.
    pub fn start(&mut self, command: &mut Command) -> Result<&mut Child, CliError> {
        let program = command.as_std().get_program().to_owned();
        linux::end_with_parent(command.process_group(0));
        let child = command.spawn();
        let child = child.map_err(|e| CliError::failed(format!("cannot start {}", program.display()), e))?;
        Ok(self.started.push_mut(child))
    }

    /// Ends every process, kills those that still run after `grace`, and waits until none is left.
    pub async fn end(mut self, grace: Duration) {
        self.signal(linux::END);
        if tokio::time::timeout(grace, self.wait()).await.is_err() {
            self.signal(Signal::KILL);
            self.wait().await;
        }
        linux::kill_orphans();
    }

    fn signal(&self, signal: Signal) {
        let ids = self.started.iter().filter_map(Child::id);
        for id in ids.filter_map(|id| Pid::from_raw(id.try_into().unwrap_or_default())) {
            // It may have ended in the meantime; any other failure leaves nothing to try.
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
    //! What only Linux offers: adopting orphans, and ending children whose parent was killed.

    use std::fs;

    use rustix::process::{
        Pid, Signal, WaitOptions, kill_process, set_child_subreaper, set_parent_process_death_signal, waitpid,
    };
    use tokio::process::Command;

    /// Nothing here has anything to lose: the engine, which does, is not a child. cargo-lambda takes 1.6 s to end if it is
    /// asked to, and sometimes panics on its way. What it leaves behind is killed as an orphan.
    pub(super) const END: Signal = Signal::KILL;

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
        let request_signal = || set_parent_process_death_signal(Some(Signal::TERM)).map_err(Into::into);
        // SAFETY: between fork and exec, only async-signal-safe calls are allowed; this closure calls only prctl(2).
        unsafe { command.pre_exec(request_signal) };
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

    /// Returns the children of all threads of this process, as the kernel lists them.
    fn children() -> Vec<Pid> {
        let threads = fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
        let lists = threads.filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
        let ids =
            lists.flat_map(|list| list.split(' ').filter_map(|id| id.parse().ok()).collect::<Vec<i32>>());
        ids.filter_map(Pid::from_raw).collect()
    }
}

#[cfg(not(target_os = "linux"))]
mod linux {
    //! Elsewhere, orphans are not found: who is asked to end must end its own children.

    use rustix::process::Signal;

    pub(super) const END: Signal = Signal::TERM;

    pub(super) fn adopt_orphans() {}
    pub(super) fn end_with_parent(_: &mut tokio::process::Command) {}
    pub(super) fn kill_orphans() {}
}
