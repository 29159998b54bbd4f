/** Runs `load`, and says which packages to install when one of them is missing. */
export async function explainMissing<T>(packages: readonly string[], load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    const missing = error instanceof Error && "code" in error && /MODULE_NOT_FOUND$/.test(String(error.code));
    if (!missing) throw error;
    throw new Error(
      `the embedded model needs ${packages.length} packages: npm install --save-dev ${packages.join(" ")}`,
      { cause: error },
    );
  }
}
