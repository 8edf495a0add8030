import type { Command } from './command.ts'

/** How a command is found: what the overview says of it, and how to load it. */
interface Entry {
  readonly name: string
  readonly summary: string
  readonly load: () => Promise<Command>
}

const ENTRIES: readonly Entry[] = [
  {
    name: 'init',
    summary: 'Make a repository',
    load: async () => (await import('./commands/init.ts')).initCommand,
  },
  {
    name: 'add',
    summary: 'Stage files and datasets',
    load: async () => (await import('./commands/add.ts')).addCommand,
  },
  {
    name: 'rm',
    summary: 'Remove files from the stage and from disk',
    load: async () => (await import('./commands/rm.ts')).rmCommand,
  },
  {
    name: 'mv',
    summary: 'Move a file, folder or dataset',
    load: async () => (await import('./commands/mv.ts')).mvCommand,
  },
  {
    name: 'restore',
    summary: 'Bring files back as the stage or a commit has them',
    load: async () => (await import('./commands/restore.ts')).restoreCommand,
  },
  {
    name: 'status',
    summary: 'Show what differs between the last commit, the stage and the disk',
    load: async () => (await import('./commands/status.ts')).statusCommand,
  },
  {
    name: 'diff',
    summary: 'Show what changed, annotation by annotation',
    load: async () => (await import('./commands/diff.ts')).diffCommand,
  },
  {
    name: 'commit',
    summary: 'Record the stage as a commit',
    load: async () => (await import('./commands/commit.ts')).commitCommand,
  },
  {
    name: 'log',
    summary: 'Show the commits that led here',
    load: async () => (await import('./commands/log.ts')).logCommand,
  },
  {
    name: 'show',
    summary: 'Show a commit and what it changed',
    load: async () => (await import('./commands/show.ts')).showCommand,
  },
  {
    name: 'blame',
    summary: 'Show which commit gave each annotation of an item its form',
    load: async () => (await import('./commands/blame.ts')).blameCommand,
  },
  {
    name: 'ls',
    summary: 'List datasets, items and files',
    load: async () => (await import('./commands/ls.ts')).lsCommand,
  },
  {
    name: 'stats',
    summary: 'Describe datasets in figures',
    load: async () => (await import('./commands/stats.ts')).statsCommand,
  },
  {
    name: 'cat',
    summary: 'Print a file or an item of a version',
    load: async () => (await import('./commands/cat.ts')).catCommand,
  },
  {
    name: 'eval',
    summary: 'Compare predictions with the ground truth',
    load: async () => (await import('./commands/eval.ts')).evalCommand,
  },
  {
    name: 'branch',
    summary: 'List, make, rename and delete branches',
    load: async () => (await import('./commands/branch.ts')).branchCommand,
  },
  {
    name: 'switch',
    summary: 'Go to another branch',
    load: async () => (await import('./commands/switch.ts')).switchCommand,
  },
  {
    name: 'checkout',
    summary: 'Get any version, in any format, in any place',
    load: async () => (await import('./commands/checkout.ts')).checkoutCommand,
  },
  {
    name: 'merge',
    summary: 'Join another branch into this one',
    load: async () => (await import('./commands/merge.ts')).mergeCommand,
  },
  {
    name: 'resolve',
    summary: 'Settle conflicts',
    load: async () => (await import('./commands/resolve.ts')).resolveCommand,
  },
  {
    name: 'cherry-pick',
    summary: 'Make the change of a commit once more, here',
    load: async () => (await import('./commands/cherry-pick.ts')).cherryPickCommand,
  },
  {
    name: 'revert',
    summary: 'Take back the change of a commit with a new commit',
    load: async () => (await import('./commands/revert.ts')).revertCommand,
  },
  {
    name: 'reset',
    summary: 'Move the branch to a commit, or unstage paths',
    load: async () => (await import('./commands/reset.ts')).resetCommand,
  },
  {
    name: 'stash',
    summary: 'Put changes away and bring them back',
    load: async () => (await import('./commands/stash.ts')).stashCommand,
  },
  {
    name: 'tag',
    summary: 'List, make and delete tags',
    load: async () => (await import('./commands/tag.ts')).tagCommand,
  },
  {
    name: 'undo',
    summary: 'Take back the last operation, whatever it was',
    load: async () => (await import('./commands/undo.ts')).undoCommand,
  },
  {
    name: 'op',
    summary: 'Look at the log of operations, and go back to one',
    load: async () => (await import('./commands/op.ts')).opCommand,
  },
  {
    name: 'git',
    summary: 'Tie versions to commits of Git',
    load: async () => (await import('./commands/git.ts')).gitCommand,
  },
  {
    name: 'remote',
    summary: 'Name repositories elsewhere',
    load: async () => (await import('./commands/remote.ts')).remoteCommand,
  },
  {
    name: 'clone',
    summary: 'Get a repository from elsewhere',
    load: async () => (await import('./commands/clone.ts')).cloneCommand,
  },
  {
    name: 'fetch',
    summary: 'Get what others have pushed, changing nothing here',
    load: async () => (await import('./commands/fetch.ts')).fetchCommand,
  },
  {
    name: 'pull',
    summary: 'Get what others have pushed, and join it',
    load: async () => (await import('./commands/pull.ts')).pullCommand,
  },
  {
    name: 'push',
    summary: 'Give others what is committed here',
    load: async () => (await import('./commands/push.ts')).pushCommand,
  },
  {
    name: 'serve',
    summary: 'Let others read and push over HTTP',
    load: async () => (await import('./commands/serve.ts')).serveCommand,
  },
  {
    name: 'get',
    summary: 'Get data of a repository, without having one here',
    load: async () => (await import('./commands/get.ts')).getCommand,
  },
  {
    name: 'import',
    summary: 'Make data of another repository part of this one',
    load: async () => (await import('./commands/import.ts')).importCommand,
  },
  {
    name: 'update',
    summary: 'Bring imports up to date',
    load: async () => (await import('./commands/update.ts')).updateCommand,
  },
  {
    name: 'imports',
    summary: 'List what came from other repositories',
    load: async () => (await import('./commands/imports.ts')).importsCommand,
  },
  {
    name: 'frames',
    summary: 'Write the frames of a video as images',
    load: async () => (await import('./commands/frames.ts')).framesCommand,
  },
  {
    name: 'check',
    summary: 'Look for what is wrong or strange in datasets',
    load: async () => (await import('./commands/check.ts')).checkCommand,
  },
  {
    name: 'transform',
    summary: 'Make datasets of datasets: filter, remap and more',
    load: async () => (await import('./commands/transform.ts')).transformCommand,
  },
  {
    name: 'edit',
    summary: 'Change or delete items and annotations that match a query',
    load: async () => (await import('./commands/edit.ts')).editCommand,
  },
  {
    name: 'run',
    summary: 'Run the pipeline stages that are out of date',
    load: async () => (await import('./commands/run.ts')).runCommand,
  },
  {
    name: 'ci',
    summary: 'Run stages in workflows of GitHub or GitLab, and report on pull requests',
    load: async () => (await import('./commands/ci.ts')).ciCommand,
  },
  {
    name: 'stages',
    summary: 'List the stages of pipelines',
    load: async () => (await import('./commands/stages.ts')).stagesCommand,
  },
  {
    name: 'dag',
    summary: 'Show which pipeline stage needs which',
    load: async () => (await import('./commands/dag.ts')).dagCommand,
  },
  {
    name: 'worker',
    summary: 'Run one stage for another machine',
    load: async () => (await import('./commands/worker.ts')).workerCommand,
  },
  {
    name: 'why',
    summary: 'Show what a path was made of',
    load: async () => (await import('./commands/why.ts')).whyCommand,
  },
  {
    name: 'params',
    summary: 'Show and compare the parameters of pipelines',
    load: async () => (await import('./commands/params.ts')).paramsCommand,
  },
  {
    name: 'metrics',
    summary: 'Show and compare the metrics that pipelines make',
    load: async () => (await import('./commands/metrics.ts')).metricsCommand,
  },
  {
    name: 'plots',
    summary: 'Draw the plots of pipelines into a page',
    load: async () => (await import('./commands/plots.ts')).plotsCommand,
  },
  {
    name: 'export-dvc',
    summary: 'Write a version so that people who use DVC can get it',
    load: async () => (await import('./commands/export-dvc.ts')).exportDvcCommand,
  },
  {
    name: 'formats',
    summary: 'List the annotation formats',
    load: async () => (await import('./commands/formats.ts')).formatsCommand,
  },
  {
    name: 'detect',
    summary: 'Say which format a folder is in, and why',
    load: async () => (await import('./commands/detect.ts')).detectCommand,
  },
  {
    name: 'convert',
    summary: 'Convert a dataset to another format, without a repository',
    load: async () => (await import('./commands/convert.ts')).convertCommand,
  },
  {
    name: 'config',
    summary: 'Show and change settings',
    load: async () => (await import('./commands/config.ts')).configCommand,
  },
  {
    name: 'info',
    summary: 'Describe the repository in a few numbers',
    load: async () => (await import('./commands/info.ts')).infoCommand,
  },
  {
    name: 'gc',
    summary: 'Remove what nothing refers to any more',
    load: async () => (await import('./commands/gc.ts')).gcCommand,
  },
  {
    name: 'fsck',
    summary: 'Check the repository, and repair it',
    load: async () => (await import('./commands/fsck.ts')).fsckCommand,
  },
  {
    name: 'completion',
    summary: 'Print a script that completes commands in a shell',
    load: async () => (await import('./commands/completion.ts')).completionCommand,
  },
]

const LOADERS: ReadonlyMap<string, () => Promise<Command>> = new Map(
  ENTRIES.map(({ name, load }) => [name, load]),
)

/** Every command with a line on what it does, in the order in which `dsv --help` lists them. */
export const commandSummaries: readonly (readonly [name: string, summary: string])[] = ENTRIES.map(
  ({ name, summary }) => [name, summary],
)

/** Loads a command; undefined when there is none of this name. */
export async function loadCommand(name: string): Promise<Command | undefined> {
  return LOADERS.get(name)?.()
}
