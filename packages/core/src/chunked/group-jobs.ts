import type { ChunkJob, ChunkReadTask } from './executor.js'

/** Chunks of one object whose bytes are fetched by one request. */
export interface JobGroup {
  readonly key: string
  readonly offset: number
  readonly length: number
  readonly jobs: readonly RangedJob[]
}

/** A chunk to be read. */
export interface WholeJob {
  readonly job: ChunkJob
}

/** A chunk that is a part of an object. */
export interface RangedJob extends WholeJob {
  readonly key: string
  readonly offset: number
  readonly length: number
  readonly revision: string | undefined
}

/** Chunks closer than this in one object are fetched together; a request costs more than the bytes between. */
const maximalGap = { local: 64 << 10, remote: 1 << 20 }
const maximalGroup = { local: 4 << 20, remote: 4 << 20 }

/** Sorts chunks that are parts of objects by place and joins neighbours; chunks that are whole objects stay alone. */
export function groupJobs(task: ChunkReadTask): { whole: ChunkJob[]; groups: JobGroup[] } {
  const reach = task.store.remote ? 'remote' : 'local'
  const whole: ChunkJob[] = []
  const ranged: RangedJob[] = []
  for (const job of task.jobs) {
    const { location } = job
    if (location === undefined || location.bytes !== undefined || location.offset === undefined || location.length === undefined)
      whole.push(job)
    else ranged.push({ job, key: location.key, offset: location.offset, length: location.length, revision: location.revision })
  }
  ranged.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.offset - b.offset))
  const groups: JobGroup[] = []
  let open: { key: string; offset: number; length: number; jobs: RangedJob[] } | undefined
  for (const job of ranged) {
    if (open !== undefined && open.key === job.key) {
      const end = open.offset + open.length
      const length = Math.max(end, job.offset + job.length) - open.offset
      if (job.offset - end <= maximalGap[reach] && length <= maximalGroup[reach]) {
        open.length = length
        open.jobs.push(job)
        continue
      }
    }
    open = { key: job.key, offset: job.offset, length: job.length, jobs: [job] }
    groups.push(open)
  }
  return { whole, groups }
}
