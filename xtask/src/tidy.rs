pub(crate) fn execute() -> anyhow::Result<()> {
    Ok(())
}
