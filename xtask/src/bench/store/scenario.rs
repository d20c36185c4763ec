//! What is measured: an operation, a size, a number of connections.

use std::{fmt, time::Duration};

use anyhow::Result;

use super::{
    contender::Contender,
    drive::{Exchange, Measurement, drive},
    objects::{Noise, sha256},
};

pub(super) struct Scenario {
    operation: Operation,
    size: Size,
    connections: usize,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Operation {
    Put,
    Get,
}

#[derive(Clone, Copy)]
struct Size {
    name: &'static str,
    bytes: usize,
    /// More than any server stores in a second: requests that are made ready for one.
    puts_per_sec: f64,
    /// Objects that GETs take turns with.
    stored: usize,
}

const SIZES: [Size; 3] = [
    Size { name: "2 kB", bytes: 2_000, puts_per_sec: 8_000.0, stored: 500 },
    Size { name: "200 kB", bytes: 200_000, puts_per_sec: 2_500.0, stored: 100 },
    Size { name: "5 MB", bytes: 5_000_000, puts_per_sec: 120.0, stored: 20 },
];
const CONNECTIONS: [usize; 2] = [1, 32];

impl Scenario {
    pub(super) fn all() -> Vec<Self> {
        let operations = [Operation::Put, Operation::Get].into_iter();
        let sized = operations.flat_map(|operation| SIZES.map(|size| (operation, size)));
        let all = sized.flat_map(|(operation, size)| CONNECTIONS.map(|connections| (operation, size, connections)));
        all.map(|(operation, size, connections)| Self { operation, size, connections }).collect()
    }

    pub(super) fn megabytes(&self) -> f64 {
        self.size.bytes as f64 / 1e6
    }

    /// Measures one server once. `stored` counts the objects of all rounds, so that none is sent twice.
    pub(super) fn measure(
        &self,
        contender: &Contender,
        limit: Duration,
        noise: &Noise,
        stored: &mut usize,
    ) -> Result<Measurement> {
        let first = *stored;
        let mut puts = |count: usize| {
            let numbers = *stored..*stored + count;
            *stored += count;
            numbers.map(|number| put(contender, noise, number, self.size.bytes)).collect::<Result<Vec<_>>>()
        };
        let drive = |limit, most_calls, exchanges: &[Exchange]| {
            drive(contender, self.connections, limit, most_calls, exchanges)
        };
        match self.operation {
            Operation::Put => {
                // For caches, and for threads that servers start when they need them.
                let warm_up = puts(self.connections)?;
                drive(Duration::MAX, warm_up.len(), &warm_up)?;
                let puts = puts((self.size.puts_per_sec * limit.as_secs_f64()).ceil() as usize)?;
                drive(limit, puts.len(), &puts)
            }
            Operation::Get => {
                let puts = puts(self.size.stored)?;
                drive(Duration::MAX, puts.len(), &puts)?;
                let gets = (first..first + puts.len()).map(|number| get(contender, number, self.size.bytes));
                let gets = gets.collect::<Result<Vec<_>>>()?;
                drive(Duration::MAX, gets.len(), &gets)?;
                drive(limit, usize::MAX, &gets)
            }
        }
    }
}

impl fmt::Display for Scenario {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { operation, size, connections } = self;
        let operation = format!("{operation:?}").to_uppercase();
        write!(out, "{operation} {} at {connections}", size.name)
    }
}

fn put<'a>(contender: &Contender, noise: &'a Noise, number: usize, size_bytes: usize) -> Result<Exchange<'a>> {
    let body = noise.object(number, size_bytes);
    let head = contender.endpoint.put_head(&key(number), size_bytes, sha256(body))?;
    Ok(Exchange { head, body, answer_bytes: 0 })
}

fn get(contender: &Contender, number: usize, size_bytes: usize) -> Result<Exchange<'static>> {
    Ok(Exchange { head: contender.endpoint.get_head(&key(number))?, body: &[], answer_bytes: size_bytes })
}

fn key(number: usize) -> String {
    format!("object{number}")
}
