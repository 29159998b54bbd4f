// For serverless.yml: of code, osls takes a variable's value only from .js and .cjs files.
module.exports = async ({ options }) => {
  const { configuredRegion } = await import("./region.ts");
  return (await configuredRegion(options))?.name ?? null;
};
