// Answers one request a line with what @cloud-copilot/iam-simulate decides.
//
//     node oracle.mjs <node_modules> < requests.jsonl > answers.txt
//
// Its own entry for callers checks actions, resources and keys against a list of all AWS services,
// which is not what is compared here, and leaves out session policies: so its core is called.
import { once } from 'node:events'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'

const modules = resolve(process.argv[2], '@cloud-copilot')
const load = (...path) => import(pathToFileURL(join(modules, ...path)))
const simulate = ['iam-simulate', 'dist', 'esm']
const { loadPolicy } = await load('iam-policy', 'dist', 'esm', 'index.js')
const { authorize } = await load(...simulate, 'core_engine', 'CoreSimulatorEngine.js')
const { AwsRequestImpl } = await load(...simulate, 'request', 'request.js')
const { RequestContextImpl } = await load(...simulate, 'requestContext.js')
const { DiscoveryContextKeyConstraints } = await load(
  ...simulate, 'context_keys', 'discoveryContextKeyConstraints.js'
)

const named = (policy, name) => loadPolicy(policy, { name })
const optional = (policy, name) => (policy ? named(policy, name) : undefined)

// Without service or resource control policies nothing is limited by an organization.
const everything = [
  {
    orgIdentifier: 'o-1',
    policies: [
      named(
        {
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' }]
        },
        'FullAccess'
      )
    ]
  }
]

function decide(asked) {
  const target = { resource: asked.resource, accountId: asked.resourceAccount }
  const principal = asked.principal === '' ? { type: 'Anonymous' } : asked.principal
  const context = new RequestContextImpl(asked.context)
  const takesNoResource = asked.resource === '*'
  return authorize({
    request: new AwsRequestImpl(principal, target, asked.action, context, takesNoResource),
    sessionPolicy: optional(asked.session, 'session'),
    identityPolicies: asked.identity.map((policy, i) => named(policy, `identity${i}`)),
    serviceControlPolicies: everything,
    resourceControlPolicies: everything,
    resourcePolicy: optional(asked.resourcePolicy, 'resource'),
    permissionBoundaries: asked.boundary ? [named(asked.boundary, 'boundary')] : undefined,
    vpcEndpointPolicies: undefined,
    simulationParameters: {
      simulationMode: 'Strict',
      discoveryContextKeyConstraints: new DiscoveryContextKeyConstraints([])
    },
    serviceSettings: {}
  }).result
}

for await (const line of createInterface({ input: process.stdin })) {
  if (!process.stdout.write(`${decide(JSON.parse(line))}\n`)) {
    await once(process.stdout, 'drain')
  }
}
