import type { SourceDriver } from '@bioimage/core'

export const toyDriver: SourceDriver<'toy'>
