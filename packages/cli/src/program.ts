import { Command, CommanderError, Option, type OptionValues } from 'commander'
import { exitCodes } from './failure.js'
import * as options from './options.js'
import { type GlobalOptions, type Session, startSession } from './session.js'
import { ownVersion } from './version.js'

/** Runs the command line and resolves to the exit code. Failures of a command reject. */
export async function runProgram(args: readonly string[], signal: AbortSignal): Promise<number> {
  try {
    await makeProgram(signal).parseAsync(args, { from: 'user' })
    return exitCodes.success
  } catch (error) {
    // Commander has printed its message already; its help and version end with code 0.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.success : exitCodes.usage
    throw error
  }
}

function makeProgram(signal: AbortSignal): Command {
  const program = new Command('bioimage')
    .description('Describe, read, preview and convert bio-image volumes: local paths and URLs alike.')
    .version(ownVersion(), '--version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand(false)
    .option('--plugin <package>', "import a third party's backend, as seen from this folder; repeatable", options.collect)
    .option('--json', 'print the result as JSON')
    .option('-q, --quiet', 'no progress, no remarks')
    .option('--debug', 'with an error, print its stack and cause')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      outputError: (text, write) =>
        write(
          `${text
            .trim()
            .replace(/^error: /, 'bioimage: ')
            .replace(/\n/g, ' ')} [ERR_USAGE]\n`
        )
    })
    .exitOverride()
    .addHelpText('after', '\nExit codes: 0 done, 1 failure, 2 wrong usage, 130 interrupted, 143 terminated.\n')
  /** Connects a command to its module, which is loaded when the command runs. */
  const act =
    <T extends OptionValues>(load: () => Promise<(session: Session, paths: readonly string[], given: T) => Promise<void>>) =>
    async (...call: unknown[]): Promise<void> => {
      const command = call.at(-1)
      if (!(command instanceof Command)) throw new TypeError('commander hands the command over last')
      const session = await startSession(program.opts<GlobalOptions>(), signal)
      await (await load())(session, command.processedArgs, command.opts<T>())
    }

  program
    .command('formats')
    .description('list the backends that are installed')
    .action(act(async () => (await import('./commands/formats.js')).formats))

  withInput(program.command('info'))
    .description('describe a file or container: its arrays with shape, dtype, chunks, codecs, size on disk, voxel size')
    .addHelpText('after', examples('info volume.zarr', 'info https://example.org/image.zarr --json', 'info volume.zarr --array raw/0'))
    .action(act(async () => (await import('./commands/info.js')).info))

  withInput(program.command('get'))
    .description('read a region: print statistics and, if it is small, its values; write it to a file')
    .option('-r, --roi <region>', 'region as numpy writes it, such as 0:16,:,5 or ...,::2', options.roi)
    .option('-o, --out <file>', 'write the region: .npy, or .raw for the bare elements (little-endian, C order)')
    .addOption(memoryOption())
    .addHelpText('after', examples('get volume.zarr --array raw/0 --roi 0:16,:,5 --out slab.npy', 'get sample.mrc --roi=-1,:4,:4'))
    .action(act(async () => (await import('./commands/get.js')).get))

  withInput(program.command('preview'))
    .description('draw a slice or a maximum projection with stretched contrast as an 8-bit PNG')
    .requiredOption('-o, --out <file>', 'the PNG to write')
    .addOption(
      new Option('-s, --slice <axis=index>', 'slice to draw, such as z=10; repeatable; else the middle').argParser(options.axisIndices)
    )
    .option('--axis <axis>', 'axis to look along, by name or number; else the first one besides y and x')
    .addOption(new Option('--index <number>', 'slice along --axis').argParser(options.integer('--index')).conflicts('max'))
    .option('--max', 'maximum projection along the axis')
    .addOption(
      new Option('--percentile <low,high>', 'values drawn black and white').argParser(options.percentiles).default([0.5, 99.5], '0.5,99.5')
    )
    .addOption(new Option('--range <low,high>', 'values drawn black and white, instead of percentiles').argParser(options.range))
    .addOption(new Option('--size <pixels>', 'longest side of the picture').argParser(options.positive('--size')).default(1024))
    .addOption(new Option('--channel <number>', 'element of the channel axis').argParser(options.integer('--channel')))
    .option('--labels', 'draw integers as labels, each in a colour of its own')
    .option('--full-resolution', 'never take a coarser level of a multiscale image')
    .addOption(memoryOption())
    .addHelpText(
      'after',
      examples('preview volume.zarr --array raw/0 --slice z=10 -o slice.png', 'preview sample.mrc --max -o projection.png')
    )
    .action(act(async () => (await import('./commands/preview.js')).preview))

  withInput(program.command('convert'))
    .description('copy an array block by block into a new file, in another format or layout')
    .argument('<output>', 'file or folder to write, or a container with --to')
    .option('--to <key>', 'path of the new array inside the container OUTPUT')
    .option('--out-format <kind>', 'format of the output; else told by the name')
    .addOption(
      new Option('--chunks <shape>', 'chunk shape, such as 64,64,64; else the format decides').argParser(options.shape('--chunks'))
    )
    .addOption(new Option('--shards <shape>', 'shard shape, a multiple of the chunks').argParser(options.shape('--shards')))
    .addOption(new Option('--codec <name[:level]>', 'zstd:3, gzip:5, zlib, blosc-lz4, blosc-zstd:5, lz4, none').argParser(options.codec))
    .addOption(new Option('--dtype <dtype>', 'element type of the output; a value that would change is an error').argParser(options.dtype))
    .addOption(new Option('--zarr-version <version>', 'version of a new Zarr array').choices(['2', '3']))
    .addOption(
      new Option('--output-option <name=value>', 'further option of the output format; repeatable').argParser(
        options.parameters('--output-option')
      )
    )
    .option('--overwrite', 'replace the output; also discards an unfinished conversion to it')
    .option('--resume', 'continue an interrupted conversion; one that is complete is left as it is')
    .option('--verify', 'read both arrays again and compare every voxel, before the output appears')
    .addOption(memoryOption())
    .addHelpText(
      'after',
      examples(
        'convert sample.mrc sample.zarr --chunks 32,32,32 --shards 64,128,128 --codec zstd:3',
        'convert sample.mrc volume.zarr --to raw/0 --verify',
        'convert in.zarr out.zarr --array raw/0 --codec blosc-lz4 --resume'
      )
    )
    .action(act(async () => (await import('./commands/convert.js')).convert))
  return program
}

function withInput(command: Command): Command {
  return command
    .argument('<path>', 'file, folder or URL')
    .option('-a, --array <key>', 'path of the array inside the container')
    .option('-f, --format <kind>', 'format of the input; else told by name and content')
    .addOption(
      new Option('--input-option <name=value>', 'further option of that format; repeatable').argParser(options.parameters('--input-option'))
    )
}

function memoryOption(): Option {
  return new Option('--memory <bytes>', 'memory for voxels, such as 512MiB').argParser(options.memory).default(256 * 2 ** 20, '256MiB')
}

function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  bioimage ${line}`).join('\n')}\n`
}
