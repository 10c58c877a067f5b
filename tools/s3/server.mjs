#!/usr/bin/env node
// A real S3 server for tests: the object gateway of Ceph with its objects in memory, on 127.0.0.1.
//
//   node tools/s3/server.mjs start      prints where it listens and its keys, as JSON
//   node tools/s3/server.mjs restart    kills the gateway without warning and starts it anew; objects stay
//   node tools/s3/server.mjs stop
//
// Debian packages that are missing are installed, which root alone can do. State lies in a folder of its own under the system's
// folder for temporary files, or BIOIMAGE_S3_HOME; the port is 7490 or BIOIMAGE_S3_PORT.
import { execFileSync, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { makeBuckets } from './buckets.mjs'

const home = process.env.BIOIMAGE_S3_HOME ?? join(tmpdir(), 'bioimage-s3-server')
const port = Number(process.env.BIOIMAGE_S3_PORT ?? 7490)
const monitorPort = port + 1000
const roles = ['monitor', 'storage', 'gateway']

/** What clients need; the keys are good for nothing but this server. */
export const serverSettings = {
  endpoint: `http://127.0.0.1:${port}`,
  region: 'us-east-1',
  accessKeyId: 'BIOIMAGETESTKEY00001',
  secretAccessKey: 'onlyForTestsOnThisMachine0000000000000001',
  privateBucket: 'bioimage-private',
  publicBucket: 'bioimage-public'
}

const configuration = (cluster) => `[global]
fsid = ${cluster}
mon host = [v1:127.0.0.1:${monitorPort}]
ms bind msgr2 = false
public addr = 127.0.0.1
cluster addr = 127.0.0.1
auth cluster required = none
auth service required = none
auth client required = none
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 4
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon data avail crit = 1
mon data avail warn = 2
run dir = ${home}/run
admin socket = ${home}/run/$name.asok
log file = ${home}/log/$name.log
[mon.a]
mon data = ${home}/monitor
[osd.0]
osd data = ${home}/storage
osd objectstore = memstore
memstore device bytes = ${2 ** 31}
osd class load list = *
osd class default list = *
[client.rgw]
rgw data = ${home}/gateway
rgw frontends = beast endpoint=127.0.0.1:${port}
`

const configurationFile = join(home, 'ceph.conf')
const ceph = (program, ...args) =>
  execFileSync(program, ['-c', configurationFile, ...args], { stdio: ['ignore', 'pipe', 'pipe'], timeout: 60_000, encoding: 'utf8' })

const install = () => {
  const missing = ['ceph-mon', 'ceph-osd', 'radosgw', 'ceph'].filter((program) => !existsSync(`/usr/bin/${program}`))
  if (missing.length === 0) return
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get'))
    throw new Error(`${missing.join(', ')} are missing; install radosgw, ceph-mon, ceph-osd and ceph-common, or run as root on Debian`)
  const packages = ['radosgw', 'ceph-mon', 'ceph-osd', 'ceph-common']
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  console.error(`installing ${packages.join(' ')}`)
  execFileSync('apt-get', ['update', '-qq'], { stdio: ['ignore', 2, 2], env })
  execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], { stdio: ['ignore', 'ignore', 2], env })
}

const processFile = (role) => join(home, `${role}.pid`)

/** Start of a process since boot: with its number it names one process for sure. */
const startOf = (pid) => {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ')[19]
  } catch {
    return undefined
  }
}

const runningProcess = (role) => {
  if (!existsSync(processFile(role))) return undefined
  const [pid, started] = readFileSync(processFile(role), 'utf8').split(' ')
  return startOf(pid) === started ? Number(pid) : undefined
}

const launch = (role, program, args) => {
  const log = openSync(join(home, 'log', `${role}.out`), 'a')
  const child = spawn(program, ['-c', configurationFile, ...args, '-f'], { detached: true, stdio: ['ignore', log, log] })
  child.unref()
  writeFileSync(processFile(role), `${child.pid} ${startOf(child.pid)}`)
}

const launchGateway = () => launch('gateway', 'radosgw', ['-n', 'client.rgw'])

const end = async (role, signal) => {
  const pid = runningProcess(role)
  if (pid !== undefined) process.kill(pid, signal)
  for (let tries = 0; runningProcess(role) !== undefined && tries < 100; tries++) await pause(100)
  const left = runningProcess(role)
  if (left !== undefined) process.kill(left, 'SIGKILL')
  rmSync(processFile(role), { force: true })
}

const until = async (what, seconds, isSo) => {
  for (let tries = 0; tries < seconds * 4; tries++) {
    if (await isSo()) return
    await pause(250)
  }
  throw new Error(`${what} did not happen within ${seconds} s; logs are in ${home}/log`)
}

const succeeds = (work) => {
  try {
    return work() !== false
  } catch {
    return false
  }
}

const answers = () =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })

const begin = async () => {
  for (const name of ['log', 'run', 'monitor', 'storage', 'gateway']) mkdirSync(join(home, name), { recursive: true })
  const cluster = randomUUID()
  writeFileSync(configurationFile, configuration(cluster))
  execFileSync('monmaptool', [
    '--create',
    '--clobber',
    '--fsid',
    cluster,
    '--addv',
    'a',
    `[v1:127.0.0.1:${monitorPort}]`,
    join(home, 'monmap')
  ])
  ceph('ceph-mon', '--no-mon-config', '--mkfs', '-i', 'a', '--monmap', join(home, 'monmap'))
  launch('monitor', 'ceph-mon', ['--no-mon-config', '-i', 'a'])
  await until('the start of the monitor', 60, () => succeeds(() => ceph('ceph', 'mon', 'stat')))
  const storage = randomUUID()
  await until('the announcement of the storage', 30, () => succeeds(() => ceph('ceph', 'osd', 'new', storage, '0')))
  ceph('ceph-osd', '--no-mon-config', '-i', '0', '--mkfs', '--osd-uuid', storage)
  launch('storage', 'ceph-osd', ['--no-mon-config', '-i', '0'])
  await until('the start of the storage', 60, () => succeeds(() => ceph('ceph', 'osd', 'stat').includes('1 up')))
  launchGateway()
  await until('the start of the gateway', 120, answers)
  const { accessKeyId, secretAccessKey } = serverSettings
  const user = ['--uid=bioimage', '--display-name=bioimage', `--access-key=${accessKeyId}`, `--secret-key=${secretAccessKey}`]
  await until('the new user', 30, () => succeeds(() => ceph('radosgw-admin', '-n', 'client.rgw', 'user', 'create', ...user)))
  await makeBuckets(serverSettings)
}

/** Starts the server unless it runs. Programs of Ceph now and then meet too early, hence several attempts. */
export const startServer = async () => {
  if (roles.every((role) => runningProcess(role) !== undefined)) return serverSettings
  install()
  for (let attempt = 1; ; attempt++) {
    await stopServer()
    try {
      await begin()
      return serverSettings
    } catch (error) {
      if (attempt === 3) throw error
      console.error(`attempt ${attempt}: ${error.message}`)
    }
  }
}

/** Kills the gateway as a crash would, and starts it again after a time. */
export const crashGateway = async (milliseconds) => {
  await end('gateway', 'SIGKILL')
  await pause(milliseconds)
  launchGateway()
  await until('the restart of the gateway', 120, answers)
}

export const stopServer = async () => {
  for (const role of roles.toReversed()) await end(role, 'SIGTERM')
  rmSync(home, { recursive: true, force: true })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const command = process.argv[2]
  if (command === 'start') console.log(JSON.stringify(await startServer(), null, 2))
  else if (command === 'restart') await crashGateway(0)
  else if (command === 'stop') await stopServer()
  else {
    console.error('usage: server.mjs start | restart | stop')
    process.exitCode = 2
  }
}
