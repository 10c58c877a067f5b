import { escapeControls } from './escape.js'

/** Rows of cells as lines with aligned columns. */
export function formatTable(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)))
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()
  )
}

/** A tree of slash-separated paths. Leaves carry lines of text; folders stand for themselves. */
export function formatTree(leaves: readonly { readonly path: string; readonly lines: readonly string[] }[]): readonly string[] {
  const root: Node = { children: new Map(), lines: [] }
  for (const { path, lines: texts } of leaves) {
    const lines = texts.map(escapeControls)
    let node = root
    for (const name of escapeControls(path)
      .split('/')
      .filter((part) => part !== '')) {
      let child = node.children.get(name)
      if (child === undefined) {
        child = { children: new Map(), lines: [] }
        node.children.set(name, child)
      }
      node = child
    }
    node.lines = lines
  }
  return [...root.lines, ...branches(root)]
}

interface Node {
  readonly children: Map<string, Node>
  lines: readonly string[]
}

function branches(node: Node): readonly string[] {
  const entries = [...node.children]
  const width = Math.max(0, ...entries.filter(([, child]) => child.lines.length > 0).map(([name]) => name.length))
  return entries.flatMap(([name, child], at) => {
    const last = at === entries.length - 1
    const [bar, rest] = last ? ['└── ', '    '] : ['├── ', '│   ']
    const below = branches(child)
    const stem = `${rest}${below.length > 0 ? '│   ' : '    '}`
    const [first, ...more] = child.lines
    const head = first === undefined ? name : `${name.padEnd(width)}  ${first}`
    const indent = Math.max(0, width + 2 - 4)
    return [`${bar}${head}`, ...more.map((line) => `${stem}${' '.repeat(indent)}${line}`), ...below.map((line) => `${rest}${line}`)]
  })
}
