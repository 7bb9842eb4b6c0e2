import { defineWords } from '#ui/words.ts';

const en = {
  app: 'Console',
  noPlan: 'No switch is planned',
  noPlanHint: 'A plan is a file: which accounts, in which waves, behind which gates. It is begun from a machine of the installation:',
  choose: 'Plan',
  away: 'The store does not answer. What is shown is from ',
  lost: 'No connection to the server. What is shown is from ',
  waiting: 'One moment…',
  keys: 'All keys',
  // Groups of keys, and commands.
  acting: 'What is done',
  going: 'Going elsewhere',
  pause: 'Pause',
  resume: 'Resume',
  retry: 'Retry what failed',
  promote: 'On to the next wave',
  abort: 'Abort the plan',
  rollBackWave: 'Roll the wave back that has the focus',
  holdBack: 'Hold accounts back',
  down: 'Next wave',
  up: 'Wave before',
  goWaves: 'To the waves',
  goGates: 'To the gates',
  goMoves: 'To the moves',
  goTimeline: 'To what happened',
  help: 'This list',
};

export const words = defineWords({ en, es: en });
