//! One kept-alive connection that speaks as much HTTP/1.1 as the load needs: what the load costs, the servers lack.

use std::{
    io::{IoSlice, Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};

const LONGEST_WAIT: Duration = Duration::from_secs(60);
const BUFFER_BYTES: usize = 256 * 1024;

pub(in crate::bench) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    pub(in crate::bench) fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(LONGEST_WAIT))?;
        Ok(Self { stream, buffer: vec![0; BUFFER_BYTES] })
    }

    /// Sends a request's head, and its body or the start of that.
    pub(in crate::bench) fn send(&mut self, head: &[u8], body: &[u8]) -> Result<()> {
        let sent = self.stream.write_vectored(&[IoSlice::new(head), IoSlice::new(body)])?;
        match head.get(sent..) {
            Some(rest) => {
                self.stream.write_all(rest)?;
                self.stream.write_all(body)?;
            }
            None => self.stream.write_all(&body[sent - head.len()..])?,
        }
        Ok(())
    }

    /// Reads an answer and forgets its body, whose length it answers. Any status but 200 is an error.
    pub(in crate::bench) fn receive(&mut self) -> Result<usize> {
        let mut filled = 0;
        let (head_len, body_len) = loop {
            let count = self.stream.read(&mut self.buffer[filled..])?;
            ensure!(count > 0, "the server closed the connection");
            filled += count;
            if let Some(lengths) = lengths(&self.buffer[..filled])? {
                break lengths;
            }
        };
        let mut missing = (head_len + body_len).checked_sub(filled).context("more than one answer")?;
        while missing > 0 {
            let room = missing.min(BUFFER_BYTES);
            let count = self.stream.read(&mut self.buffer[..room])?;
            ensure!(count > 0, "the server closed the connection in the middle of an answer");
            missing -= count;
        }
        Ok(body_len)
    }
}

/// The length of an answer's head and that of its body, once the head is complete.
fn lengths(answer: &[u8]) -> Result<Option<(usize, usize)>> {
    let Some(head_len) = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").map(|at| at + 4) else {
        return Ok(None);
    };
    let head = str::from_utf8(&answer[..head_len])?;
    if !head.starts_with("HTTP/1.1 200 ") {
        bail!("the server answered {}", String::from_utf8_lossy(&answer[..answer.len().min(2_000)]));
    }
    let mut headers = head.lines().filter_map(|line| line.split_once(':'));
    let length = headers.find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let (_, length) = length.with_context(|| format!("an answer without a length: {head}"))?;
    Ok(Some((head_len, length.trim().parse()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_measured_once_its_head_is_there() {
        assert_eq!(lengths(b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n").unwrap(), None);
        assert_eq!(lengths(b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nab").unwrap(), Some((39, 12)));
    }

    #[test]
    fn what_is_no_success_is_an_error_with_its_words() {
        let error = lengths(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 3\r\n\r\nno!").unwrap_err().to_string();
        assert!(error.contains("403") && error.contains("no!"), "{error}");
        lengths(b"HTTP/1.1 200 OK\r\n\r\n").unwrap_err();
    }
}
