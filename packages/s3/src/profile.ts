/** A section of an INI file: its settings by name. */
export type ProfileSection = Readonly<Record<string, string>>

/** Parses the files `credentials` and `config` of AWS. Sections of `config` are called `profile NAME`. */
export function parseProfiles(text: string): ReadonlyMap<string, ProfileSection> {
  const sections = new Map<string, Record<string, string>>()
  let current: Record<string, string> | undefined
  for (const line of text.split(/\r?\n/)) {
    const content = line.trim()
    if (content === '' || content.startsWith('#') || content.startsWith(';')) continue
    const heading = /^\[(?:profile\s+)?([^\]]+)\]/.exec(content)
    if (heading !== null) {
      const name = heading[1]?.trim() ?? ''
      current = sections.get(name) ?? {}
      sections.set(name, current)
      continue
    }
    // Lines that are indented belong to a setting of their own, such as `s3 =`.
    const setting = /^([^=\s]+)\s*=\s*(.*)$/.exec(content)
    if (setting !== null && current !== undefined && !/^\s/.test(line)) current[setting[1]?.toLowerCase() ?? ''] = setting[2]?.trim() ?? ''
  }
  return sections
}
