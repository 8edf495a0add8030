import { REPORT_MARK } from '../views/ci-report.ts'
import type { CiSetup } from './ci-setup.ts'
import {
  bringScript,
  checkScript,
  commitScript,
  finishScript,
  giveScript,
  partScript,
} from './ci-scripts.ts'
import type { WorkflowChoices } from './github-workflow.ts'
import { workflowYaml, type WorkflowValue } from './workflow-yaml.ts'

/** The file that `.gitlab-ci.yml` includes. */
export const GITLAB_FILE = '.gitlab/dsv.yml'

/** Variables of the project that comments and commits need. */
export const GITLAB_TOKEN = 'DSV_GITLAB_TOKEN'

/** Returns jobs for GitLab CI. Secrets are variables of the project. */
export function gitlabPipeline(setup: CiSetup, choices: WorkflowChoices): string {
  const { install, jobs, branch, isCommitted } = choices
  const isMain = '$CI_COMMIT_BRANCH == $DSV_CI_BRANCH'
  const pipeline: WorkflowValue = {
    '.dsv': {
      image: 'node:22',
      rules: [{ if: '$CI_PIPELINE_SOURCE == "merge_request_event"' }, { if: isMain }],
      variables: {
        GIT_DEPTH: '0',
        ...Object.fromEntries(
          Object.entries({ ...setup.variables, DSV_CI_BRANCH: branch }).map(([name, value]) => [
            name,
            value.replaceAll('$', '$$$$'),
          ]),
        ),
      },
      before_script: [
        forkScript(),
        // Other scripts begin at the top.
        inner(install),
        inner(bringScript(setup)),
      ],
    },
    'dsv stages': {
      extends: '.dsv',
      ...(jobs > 1 && { parallel: jobs }),
      script: [
        [
          'status=0',
          tried(partScript('"${CI_NODE_INDEX:-1}/${CI_NODE_TOTAL:-1}"')),
          tried(giveScript()),
          'if [ "$status" != 0 ]; then mkdir -p .dsv-ci && touch ".dsv-ci/failed-${CI_NODE_INDEX:-1}"; fi',
          'exit "$status"',
        ].join('\n'),
      ],
      artifacts: { when: 'on_failure', paths: ['.dsv-ci/'], expire_in: '1 day' },
    },
    'dsv report': {
      extends: '.dsv',
      needs: [{ job: 'dsv stages', artifacts: true }],
      rules: [
        { if: '$CI_PIPELINE_SOURCE == "merge_request_event"', when: 'always' },
        { if: isMain, when: 'always' },
      ],
      script: [
        [
          'DSV_CI_MADE=success',
          'if [ -d .dsv-ci ]; then DSV_CI_MADE=failure; fi',
          'DSV_CI_BASE="${CI_MERGE_REQUEST_DIFF_BASE_SHA:-$CI_COMMIT_BEFORE_SHA}"',
          'report="$(mktemp -d)/report.md"',
          'status=0',
          tried(finishScript()),
          'if [ -n "$CI_MERGE_REQUEST_IID" ]; then',
          ...commentScript().map((line) => `  ${line}`),
          'elif [ "$status" = 0 ]; then',
          tried(
            isCommitted
              ? commitScript(
                  `git push -q -o ci.skip "https://dsv:$${GITLAB_TOKEN}@$CI_SERVER_HOST/$CI_PROJECT_PATH.git" "HEAD:refs/heads/$DSV_CI_BRANCH"`,
                )
              : checkScript(),
          ),
          'fi',
          'exit "$status"',
        ].join('\n'),
      ],
    },
  }
  return `# Written by \`dsv ci gitlab\`, which writes it anew with --force.${workflowYaml(pipeline)}`
}

function inner(script: string): string {
  return `(\nset -e\n${script}\n)`
}

/** Goes on after a failure. `set -e` would have no meaning in what `||` or `if` looks at. */
function tried(script: string): string {
  return ['set +e', inner(script), 'if [ "$?" != 0 ]; then status=1; fi', 'set -e'].join('\n')
}

function forkScript(): string {
  return [
    'if [ -n "$CI_MERGE_REQUEST_SOURCE_PROJECT_ID" ] && [ "$CI_MERGE_REQUEST_SOURCE_PROJECT_ID" != "$CI_MERGE_REQUEST_PROJECT_ID" ]; then',
    '  echo "This merge request comes from a fork, which gets no secrets, so no stage is run or checked. Whoever may write to the project can push the branch there to have that done."',
    '  exit 0',
    'fi',
  ].join('\n')
}

/** Only a note that begins as reports do, by the user of the token, is replaced. */
function commentScript(): readonly string[] {
  const find = [
    'const [notes, me] = process.argv.slice(1).map((each) => JSON.parse(each))',
    `const mine = notes.find((note) => note.author.id === me.id && note.body.startsWith("${REPORT_MARK}"))`,
    'process.stdout.write(mine === undefined ? "" : String(mine.id))',
  ].join('; ')
  return [
    `if [ -z "$${GITLAB_TOKEN}" ]; then`,
    `  echo "error: ${GITLAB_TOKEN} is not set, so the report cannot be a comment:" >&2`,
    '  cat "$report"',
    '  exit 1',
    'fi',
    `auth="PRIVATE-TOKEN: $${GITLAB_TOKEN}"`,
    'notes="$CI_API_V4_URL/projects/$CI_MERGE_REQUEST_PROJECT_ID/merge_requests/$CI_MERGE_REQUEST_IID/notes"',
    'known="$(curl -fsS -H "$auth" "$notes?per_page=100")"',
    'me="$(curl -fsS -H "$auth" "$CI_API_V4_URL/user")"',
    `id="$(node -e '${find}' "$known" "$me")"`,
    'if [ -n "$id" ]; then',
    '  curl -fsS -o /dev/null -X PUT -H "$auth" --data-urlencode "body@$report" "$notes/$id"',
    'else',
    '  curl -fsS -o /dev/null -X POST -H "$auth" --data-urlencode "body@$report" "$notes"',
    'fi',
  ]
}
