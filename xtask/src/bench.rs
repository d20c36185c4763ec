#[derive(clap::Args)]
pub(crate) struct Bench {}
impl Bench {
    pub(crate) fn execute(self) -> anyhow::Result<()> {
        Ok(())
    }
}
