// The package has no types. What its functions give is checked in openjpeg.ts.
declare module '@cornerstonejs/codec-openjpeg/decode' {
  const factory: unknown

  export = factory
}
declare module '@cornerstonejs/codec-openjpeg/decodewasmjs' {
  const factory: unknown

  export = factory
}
