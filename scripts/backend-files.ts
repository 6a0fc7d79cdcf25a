/** The files in dist/ that the build of the backend writes. The build of the frontend keeps them. */
export const BACKEND_FILES =
  /^(gpx_micromegas_.*|(proxy|tracing|migration-report)\.cjs(\.map)?|sql-parser\.(cjs|wasm))$/;
