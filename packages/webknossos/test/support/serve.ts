import type { TestProject } from 'vitest/node'
import { startServer } from './server.js'

declare module 'vitest' {
  interface ProvidedContext {
    webknossosUrl: string
  }
}

/** Starts the server for tests in a browser, which is another origin for them. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startServer()
  project.provide('webknossosUrl', server.url)
  return () => server.close()
}
