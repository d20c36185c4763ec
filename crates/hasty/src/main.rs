use std::process::ExitCode;

fn main() -> ExitCode {
    match hasty::cli::run() {
        Ok(status) => status,
        Err(error) => {
            eprintln!("hasty: {error:#}");
            ExitCode::FAILURE
        }
    }
}
