import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { deleteFolder } from '../src/backend.js'
import { fileSystemStore } from '../src/index.js'
import { temporaryFolder } from './helpers/temporary-folder.js'

test('deleting a folder unlinks symbolic links and leaves what they point to', async () => {
  const folder = await temporaryFolder()
  await mkdir(join(folder, 'kept/inner'), { recursive: true })
  await mkdir(join(folder, 'array/c'), { recursive: true })
  for (const name of ['kept/x', 'kept/inner/y', 'array/c/0']) await writeFile(join(folder, name), name)
  await symlink(join(folder, 'kept'), join(folder, 'array/linked'))
  await symlink(join(folder, 'kept/x'), join(folder, 'array/c/1'))
  await deleteFolder(fileSystemStore(folder), 'array')
  expect(await readFile(join(folder, 'kept/x'), 'utf8')).toBe('kept/x')
  expect(await readFile(join(folder, 'kept/inner/y'), 'utf8')).toBe('kept/inner/y')
  const left = (await readdir(join(folder, 'array'), { recursive: true, withFileTypes: true })).filter((entry) => !entry.isDirectory())
  expect(left.map(({ name }) => name)).toEqual([])
})
