//! Writing to whoever may not read: nothing waits for it but what is written next.

use std::fmt::Write as _;
use std::io::{self, ErrorKind};

use crate::text::clean;
use bytes::Bytes;
use tokio::io::{AsyncWrite, AsyncWriteExt};

/// Writes to a pipe that may be full, and knows what has not been written of it yet.
pub(super) struct Writer<'a, W> {
    to: &'a mut W,
    rest: Bytes,
}

impl<'a, W: AsyncWrite + Unpin> Writer<'a, W> {
    /// Writes to `to`.
    pub(super) fn new(to: &'a mut W) -> Self {
        Self { to, rest: Bytes::new() }
    }

    /// Writes `text` and sees it off. Where this is not waited for, [`Writer::finish`] writes the rest.
    ///
    /// # Errors
    ///
    /// It cannot be written, or nobody will ever read it (`BrokenPipe`).
    pub(super) async fn write(&mut self, text: String) -> io::Result<()> {
        self.rest = Bytes::from(text);
        self.finish().await
    }

    /// Writes what is left, and sees it off.
    ///
    /// # Errors
    ///
    /// As [`Writer::write`].
    pub(super) async fn finish(&mut self) -> io::Result<()> {
        self.to.write_all_buf(&mut self.rest).await?;
        self.to.flush().await
    }

    /// Says these things, a line each. That nobody wants to know is no error.
    ///
    /// # Errors
    ///
    /// They cannot be written.
    pub(super) async fn say(&mut self, lines: impl IntoIterator<Item = impl AsRef<str>>) -> io::Result<()> {
        let mut text = String::new();
        for says in lines {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "wharf: {}", clean(says.as_ref()));
        }
        match self.write(text).await {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
            written => written,
        }
    }
}
