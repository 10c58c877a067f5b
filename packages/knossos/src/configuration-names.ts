/** How configurations are called: data sets have names of their own before most of these. */
export const configurationNames: RegExp = /(^knossos\.conf|\.k\.conf|\.pyk\.conf|\.pyknossos\.conf|\.k\.toml)$/i
