// Opens and reads with the built packages, keeping apart in which of the two an error came.

/** `{ source }` or `{ error, stage: 'open' }`. */
export const tryOpen = async (core, path, options) => {
  try {
    return { source: await core.openSource(path, options) }
  } catch (error) {
    return { error, stage: 'open' }
  }
}

/** `{ array }` or `{ error, stage: 'read' }`. */
export const tryRead = async (source, index) => {
  try {
    return { array: index === undefined ? await source.get() : await source.get(index) }
  } catch (error) {
    return { error, stage: 'read' }
  }
}
