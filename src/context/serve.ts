/**
 * An instance of Causeway: sign-in, the directory's mirror, holds, delivery and the plan's runner in this process, the
 * gateway and the movers in workers.
 *
 * Invariants: what an earlier life left running is gone before this one acknowledges anything. Ports open last, when
 * everything behind them can answer. A clean stop leaves the list of instances only after the last session ended.
 */
import { join } from 'node:path';
import { type Config, loadConfig } from '#config/index.ts';
import { startForecasting } from '#cutover/forecast/index.ts';
import { startRunner } from '#cutover/runner.ts';
import { createInFlight } from '#delivery/in-flight.ts';
import { createDeliveryNotes, createDoorNotes, createLocalFile, createOutageNotes, createUidlKeeper, openMirror } from '#directory/index.ts';
import { createHolds, type Participant } from '#directory/route/index.ts';
import { CausewayError, messageOf } from '#errors/index.ts';
import { systemClock as clock } from '#events/clock.ts';
import { defineEvent, type Emit } from '#events/index.ts';
import { createInHolds } from '#gateway/in-holds.ts';
import { createGatewayWorkers } from '#gateway/workers.ts';
import { createIncidents, keepIncidents } from '#incident/index.ts';
import { noteCrowded, requestMove } from '#mover/index.ts';
import { ensureSelfSigned, secureContext } from '#net/certificate.ts';
import { networkText } from '#signin/locks/network.ts';
import { createPassJudge } from '#signin/pass.ts';
import { createFigures } from '#store/figures.ts';
import { openStore, type Store } from '#store/index.ts';
import { createChildren } from './workers/children.ts';
import { folderFailure, holdDataFolder, instanceId, isFolderFailure, prepareDataFolder, readRunFile, type RunFile, writeRunFile } from './data-folder.ts';
import { openDatabase } from './database.ts';
import { startDelivery } from './delivery.ts';
import { startFrontDoors, unfencedDoors } from './front-doors.ts';
import { startGateway } from './workers/gateway.ts';
import { startHttp } from './http.ts';
import { migrations } from './migrations.ts';
import { startMovers } from './workers/movers.ts';
import { startOffice } from './workers/office.ts';
import { choosePorts } from './ports.ts';
import { endLeftovers, identify } from './processes.ts';
import { tellUnreachable } from './check/probe.ts';
import { watchRoom } from './room.ts';
import { endSessionsWith, startPushing } from './secrets.ts';
import { alsoTelling, keepSeen, servedTo } from './seen.ts';
import { openSignIn } from './signin.ts';
import { tellWorkers } from './workers/tell-workers.ts';
import { notingUnknownNames } from './unknown-names.ts';
import { portalAnswers, startPortal } from './workers/webmail.ts';

export type Serving = { readonly run: RunFile; /** Resolves when the instance may serve no more. */ readonly expelled: Promise<void>; /** Replaces the gateway's workers; nobody is refused. */ restartWorkers(): Promise<void>; stop(): Promise<void> };

const ready = defineEvent<{ instance: string; accounts: number; ms: number } & RunFile['ports']>('serve.ready', 'info');
const leftoversEnded = defineEvent<{ processes: number }>('serve.leftovers-ended', 'warn');
const startedWithoutStore = defineEvent<{ error: string }>('serve.store-unreachable', 'error');
const runFileFailed = defineEvent<{ error: string }>('serve.run-file-failed', 'warn');

/** @throws CausewayError that says what is wrong with the configuration, the folder, a port or the database */
export async function serve(configFile: string, emit: Emit): Promise<Serving> {
  const began = clock.monotonic();
  const config = loadConfig(configFile);
  prepareDataFolder(config.data);
  await holdDataFolder(config.data);
  const before = readRunFile(config.data);
  await clearLeftovers(config, before, emit);
  const ports = await choosePorts(config, before?.ports ?? {});

  const closers: (() => Promise<unknown>)[] = [];
  const closeAll = async (): Promise<void> => {
    for (const close of closers.splice(0).toReversed()) await close().catch(() => {});
  };
  try {
    const certificate = config.tls ?? (await ensureSelfSigned(config.data, certificateNames(config)));
    for (const files of [certificate, ...Object.values(config.tls?.names ?? {})]) secureContext(files);
    const room = watchRoom(config.data, clock, emit);
    closers.push(async () => room.stop());
    const database = await openDatabase(config, clock, emit);
    closers.push(() => database.stop());
    const store = await openStore(database.connection, { emit, clock });
    closers.push(() => store.close());
    await migrate(store, emit);
    const instance = instanceId(config.data, config.instance);
    const figures = createFigures(store, { instance });
    closers.push(() => figures.stop());
    const mirror = await openMirror({ store, instance, file: createLocalFile(join(config.data, 'directory')), clock, emit });
    closers.push(() => mirror.close());
    // A start that fails from here on served nobody, so no hold need wait for it.
    closers.push(async () => void (!mirror.expelled() && mirror.fresh() && (await mirror.leave())));
    const participants: Participant[] = [];
    const holds = createHolds({ store, mirror, participants, clock, emit });
    closers.push(() => holds.close());
    const incidents = createIncidents({ clock, emit });
    closers.push(async () => incidents.close());
    const keeping = keepIncidents({ incidents, store, instance });
    closers.push(() => keeping.stop());
    const outages = createOutageNotes(store, clock);
    closers.push(() => outages.close());
    const signIn = await openSignIn({ config, store, mirror, holds, incidents: alsoTelling(incidents, outages), onServed: servedTo(outages), clock, emit, figures, endSession: (token, text) => workers.end(token, text) });
    closers.push(() => signIn.close());
    const uidls = createUidlKeeper({ store, mirror, folder: join(config.data, 'uidls'), clock, emit });
    closers.push(() => uidls.close());
    const doorNotes = createDoorNotes(store, (address) => networkText(address, config.locks), clock);
    closers.push(() => doorNotes.close());
    const workers = createGatewayWorkers({ attempt: notingUnknownNames(signIn.attempt, doorNotes), pass: createPassJudge({ byId: mirror.byId, routes: holds, clock }), couldJudge: signIn.couldJudge, uidls: uidls.find, portal: portalAnswers(mirror, signIn.changeOwn), inHolds: createInHolds(config.platforms), onCrowded: (accountId) => void noteCrowded(store, accountId).catch(() => {}), onSaw: keepSeen({ doorNotes, outages, homeRefused: signIn.homeRefused }), clock, emit });
    const stopTelling = tellWorkers({ signIn, workers, clock });
    closers.push(async () => stopTelling());
    endSessionsWith(mirror, workers.endAccount);
    const inFlight = createInFlight(clock);
    participants.push(workers.participant, inFlight, ...unfencedDoors(config, emit));

    const tellRun = (): void => {
      try {
        writeRunFile(config.data, runFile());
      } catch (error) {
        emit(runFileFailed, { error: messageOf(error) });
      }
    };
    let isReady = false;
    const children = createChildren({ clock, emit, onChange: tellRun, compiled: join(config.data, 'compiled') });
    const runFile = (): RunFile => ({
      serve: identify(process.pid)!,
      children: children.list().map(({ role, id }) => ({ role, ...id })),
      instance,
      config: config.file,
      // A URL may hold a password: commands read it from the configuration.
      database: config.database === undefined ? database.connection : { connectionString: '' },
      ports,
      platforms: Object.keys(config.platforms),
      ready: isReady,
    });
    const deliveryNotes = createDeliveryNotes(store, clock);
    closers.push(() => deliveryNotes.close());
    const delivery = ports.lmtp === undefined ? undefined : await startDelivery({ config, port: ports.lmtp, mirror, holds, inFlight, notes: deliveryNotes, figures, clock, emit });
    if (delivery !== undefined) closers.push(() => delivery.close());
    closers.push(() => children.stop());
    const movers = startMovers({ config, store, database: database.connection, children, instance, formerWorkers: before?.children ?? [], clock, emit });
    closers.push(() => movers.stop());
    const gateway = await startGateway({ config, ports, certificate, children, workers, clock, emit });
    await startPortal({ config, ports, certificate, database: database.connection, children, workers });
    await startOffice({ config, ports, certificate, database: database.connection, instance, children });
    const frontDoors = await startFrontDoors({ config, ports, signIn, clock, emit });
    closers.push(() => frontDoors.close());
    const http = await startHttp({ config, ports, certificate, store, signIn, clock, emit });
    closers.push(() => http.close());
    const runner = startRunner(store, (tx, move) => requestMove(tx, { ...move, actor: `wave:${move.waveId}` }));
    closers.push(() => runner.stop());
    const forecasting = startForecasting(store);
    closers.push(() => forecasting.stop());
    const provisioner = startPushing(config, store, clock, emit);
    closers.push(() => provisioner.stop());
    isReady = true;
    tellRun();
    emit(ready, { instance, ...ports, accounts: mirror.size(), ms: Math.round(clock.monotonic() - began) });
    void tellUnreachable(config, clock, emit);

    return {
      run: runFile(),
      expelled: new Promise((resolve) => void mirror.onExpelled(resolve)),
      restartWorkers: gateway.restart,
      async stop() {
        await Promise.all([runner.stop(), forecasting.stop()]);
        await provisioner.stop();
        await movers.stop();
        await Promise.all([frontDoors.close(), http.close()]);
        await children.stop();
        await delivery?.close();
        await mirror.leave().catch(() => {});
        await closeAll();
      },
    };
  } catch (error) {
    await closeAll();
    throw isFolderFailure(error) ? folderFailure(error, config.data) : error;
  }
}

/** Without the store an instance starts from its own copy of the directory, if it has one; movers wait for the store. */
async function migrate(store: Store, emit: Emit): Promise<void> {
  try {
    await store.migrate(migrations);
  } catch (error) {
    if (!(error instanceof CausewayError) || error.code !== 'unavailable') throw error;
    emit(startedWithoutStore, { error: messageOf(error) });
  }
}

/** A clean stop's deliveries have ended with their server; what is left here are processes that a crash left behind. */
async function clearLeftovers(config: Config, before: RunFile | undefined, emit: Emit): Promise<void> {
  const children = before?.children ?? [];
  const left = await endLeftovers(children, clock);
  if (left.length > 0) {
    throw new CausewayError('conflict', `processes of an earlier start do not end: ${left.map((each) => each.pid).join(', ')}`, {
      place: config.data,
      remedy: 'They hang in the kernel, perhaps on a disk. Mend that, or restart the machine.',
    });
  }
  if (children.length > 0) emit(leftoversEnded, { processes: children.length });
}

function certificateNames(config: Config): string[] {
  const { lmtp: _, sasl: _sasl, authHttp: _authHttp, ...entries } = config.listen;
  return [...new Set(['localhost', ...Object.values(entries).map(({ host }) => host)])];
}
