//! What a command writes, line by line, while it runs.

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::Child;
use tokio::sync::watch;

/// Where a line was written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum To {
    Stdout,
    Stderr,
}

/// All lines read.
pub struct Output(watch::Receiver<Vec<(To, String)>>);

impl Output {
    /// Reads both pipes of a process until all writers have closed them.
    pub fn of(child: &mut Child) -> Self {
        let (sender, receiver) = watch::channel(Vec::new());
        tokio::spawn(read(child.stdout.take().unwrap(), To::Stdout, sender.clone()));
        tokio::spawn(read(child.stderr.take().unwrap(), To::Stderr, sender));
        Self(receiver)
    }

    /// Waits for the first line like this; `None` if the output ends without it.
    pub async fn line(&self, like: impl Fn(&str) -> bool) -> Option<String> {
        let mut lines = self.0.clone();
        let found = lines.wait_for(|lines| lines.iter().any(|(_, line)| like(line))).await.ok()?;
        found.iter().map(|(_, line)| line.clone()).find(|line| like(line))
    }

    /// Waits until it has ended.
    pub async fn end(&self) {
        let mut lines = self.0.clone();
        while lines.changed().await.is_ok() {}
    }

    /// Returns the lines of one pipe.
    pub fn lines(&self, to: To) -> Vec<String> {
        self.0
            .borrow()
            .iter()
            .filter(|(workspace, _)| *workspace == to)
            .map(|(_, line)| line.clone())
            .collect()
    }

    /// Everything, for messages.
    pub fn text(&self) -> String {
        self.0.borrow().iter().map(|(_, line)| format!("{line}\n")).collect()
    }
}

async fn read(pipe: impl AsyncRead + Unpin, to: To, lines: watch::Sender<Vec<(To, String)>>) {
    let mut pipe = BufReader::new(pipe);
    let mut line = Vec::new();
    while pipe.read_until(b'\n', &mut line).await.is_ok_and(|n| n > 0) {
        let text = String::from_utf8_lossy(&line).trim_end_matches('\n').to_owned();
        lines.send_modify(|lines| lines.push((to, text)));
        line.clear();
    }
}
