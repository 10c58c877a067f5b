import { expect, test } from 'vitest'
import { attempt } from '../src/backend.js'
import { type ErrorCode, SourceError } from '../src/index.js'

test.each<ErrorCode>(['ERR_CORRUPT_DATA', 'ERR_UNSUPPORTED'])('%s is a problem with the array', async (code) => {
  const { value, problem } = await attempt('a/b', () => Promise.reject(new SourceError(code, 'no such codec')))
  expect(value).toBeUndefined()
  expect(problem).toMatchObject({ code, message: 'a/b: no such codec' })
})

test.each<ErrorCode>(['ERR_IO', 'ERR_ACCESS_DENIED', 'ERR_NOT_FOUND'])('%s says nothing of the array and is thrown', async (code) => {
  const error = new SourceError(code, 'the server does not answer')
  await expect(attempt('a/b', () => Promise.reject(error))).rejects.toBe(error)
})
