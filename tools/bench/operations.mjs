// What is measured. Each operation hashes what it got in the first round and compares it with what it must be.
import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { changedBox, cutBox, hashOf, pasteBox, randomBoxes } from './volume.mjs'

const seeds = { regions: 42, aligned: 43, tiny: 44, patch: 45 }

const demand = (found, expected, who) => {
  if (found !== expected) throw new Error(`${who} gives other values than it should`)
}

/** The operations for a volume of this size. `run` answers `{ ms, cpuMs }` or `{ cannot }`. */
export const operationsFor = ({ size, volume, rawFile, folder }) => {
  const wholeHash = hashOf(volume)
  const grid = Math.min(64, size / 4)
  const edge = Math.min(128, size / 2)

  const reading = (name, title, boxes) => {
    const expected = hashOf(...boxes.map((box) => cutBox(volume, size, normal(box))))
    return {
      name,
      title,
      async run({ participant, path, variant, first }) {
        const answer = await participant.ask({ op: 'boxes', path, boxes, hash: first })
        if (first) demand(answer.hash, expected, `${participant.name}, ${variant.name}, ${name}`)
        return answer
      }
    }
  }

  /** A box whose integers are ranges of one. */
  const normal = ({ start, stop }) => ({ start, stop: stop.map((end, axis) => end ?? start[axis] + 1) })

  const whole = (name, title, reuse) => ({
    name,
    title,
    async run({ participant, path, variant, first }) {
      const answer = await participant.ask({ op: 'whole', path, size, reuse, hash: first })
      if (first && answer.cannot === undefined) demand(answer.hash, wholeHash, `${participant.name}, ${variant.name}, ${name}`)
      return answer
    }
  })

  const plane = (axis) => {
    const start = [0, 0, 0]
    const stop = [size, size, size]
    start[axis] = Math.floor(size / 5)
    stop[axis] = null
    return { start, stop }
  }

  // Writing is measured on an eighth of the volume at most.
  const writeSize = size > 256 ? size / 2 : size
  const corner = { start: [0, 0, 0], stop: [writeSize, writeSize, writeSize] }
  const writeVolume = writeSize === size ? volume : cutBox(volume, size, corner)
  const patches = randomBoxes(writeSize, Math.floor(writeSize * 0.375), 8, { seed: seeds.patch })
  const patched = writeVolume.slice()
  for (const [index, box] of patches.entries()) pasteBox(patched, writeSize, box, changedBox(writeVolume, writeSize, box, index))
  const hashes = { write: hashOf(writeVolume), patch: hashOf(patched) }
  const target = join(folder, 'written.zarr')
  const pristine = join(folder, 'pristine.zarr')

  /** Somebody else reads what was written. */
  const verify = async ({ participant, participants, variant }, name) => {
    const reader = Object.values(participants).find((other) => other !== participant && other.name !== 'ours') ?? participants.ours
    const { hash } = await reader.ask({ op: 'whole', path: target, size: writeSize, hash: true })
    demand(hash, hashes[name], `what ${participant.name} wrote (${variant.name}, ${name}), read by ${reader.name},`)
  }

  const writeRawFile = rawFile.replace('.u16', '-corner.u16')
  const writing = {
    name: 'write',
    title: `write ${writeSize}^3`,
    async run(turn) {
      rmSync(target, { recursive: true, force: true })
      const answer = await turn.participant.ask({
        op: 'write',
        path: target,
        variant: turn.variant,
        size: writeSize,
        rawFile: writeRawFile
      })
      if (turn.first && answer.cannot === undefined) await verify(turn, 'write')
      return answer
    }
  }
  const patching = {
    name: 'patch',
    title: `write 8 unaligned boxes of ${Math.floor(writeSize * 0.375)}^3 into ${writeSize}^3`,
    async run(turn) {
      if (turn.first && turn.participant.name === 'ours') {
        rmSync(pristine, { recursive: true, force: true })
        await turn.participant.ask({ op: 'write', path: pristine, variant: turn.variant, size: writeSize, rawFile: writeRawFile })
      }
      rmSync(target, { recursive: true, force: true })
      cpSync(pristine, target, { recursive: true })
      const request = { op: 'patch', path: target, variant: turn.variant, size: writeSize, boxes: patches, rawFile: writeRawFile }
      const answer = await turn.participant.ask(request)
      if (turn.first && answer.cannot === undefined) await verify(turn, 'patch')
      return answer
    }
  }

  return {
    /** The part of the volume that writing uses, and where its file must be. */
    writeVolume,
    writeRawFile,
    list: [
      whole('whole', 'whole volume', false),
      whole('whole-reused', 'whole volume, result memory reused', true),
      reading('regions', `20 unaligned regions of ${edge}^3`, randomBoxes(size, edge, 20, { seed: seeds.regions })),
      reading('aligned', `20 aligned regions of ${edge}^3`, randomBoxes(size, edge, 20, { grid, seed: seeds.aligned })),
      reading('plane-z', 'one plane [z, :, :]', [plane(0)]),
      reading('plane-y', 'one plane [:, y, :]', [plane(1)]),
      reading('plane-x', 'one plane [:, :, x]', [plane(2)]),
      reading('tiny', '500 regions of 8^3', randomBoxes(size, 8, 500, { seed: seeds.tiny })),
      writing,
      patching
    ]
  }
}
