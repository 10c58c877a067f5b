import { globalRegistry } from '@bioimage/core'
import type { Session } from '../session.js'
import { formatTable } from '../table.js'

/** `bioimage formats`: the backends that are installed. */
export async function formats(session: Session): Promise<void> {
  const drivers = [...globalRegistry().drivers()].sort((a, b) => a.kind.localeCompare(b.kind))
  session.printJson(
    drivers.map(({ kind, id, extensions, writable, layout, sniff }) => ({
      kind,
      package: id,
      extensions,
      markers: sniff?.markers ?? [],
      read: true,
      write: writable,
      layout
    }))
  )
  const rows = drivers.map(({ kind, id, extensions, writable }) => [kind, id, writable ? 'read, write' : 'read', extensions.join(' ')])
  for (const line of formatTable([['KIND', 'PACKAGE', 'ACCESS', 'EXTENSIONS'], ...rows])) session.print(line)
}
