use std::process::ExitCode;

fn main() -> ExitCode {
    match hasty::cli::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("hasty: {error:#}");
            ExitCode::FAILURE
        }
    }
}
