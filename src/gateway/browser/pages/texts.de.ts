import { KEY_BEGINNINGS } from '../../../lib/keys/key-pattern.js';
import type { Texts } from './texts.js';

export const TEXTS_DE: Texts = {
  lang: 'de',
  signIn: {
    title: 'Bei MLflow anmelden',
    keyLabel: 'API-Schlüssel',
    keyHint: `Er beginnt mit ${KEY_BEGINNINGS.join(' oder ')}. Sie bekommen ihn von Ihrer Schlüsselverwaltung.`,
    submit: 'Anmelden',
    privacy:
      'Der Schlüssel liegt bis zur Abmeldung in einem verschlüsselten Cookie, das Skripte nicht lesen können.',
    reasons: {
      ended: () => 'Ihre Sitzung ist beendet. Melden Sie sich an, um weiterzuarbeiten.',
      refused: () =>
        'Dieser Schlüssel wurde nicht angenommen. Prüfen Sie, ob er vollständig ist; er kann auch abgelaufen oder widerrufen sein.',
      forbidden: () =>
        'Dieser Schlüssel darf hier nicht benutzt werden. Fragen Sie Ihre Schlüsselverwaltung.',
      address: () =>
        'Dieser Schlüssel darf von Ihrer Netzadresse aus nicht benutzt werden. Fragen Sie Ihre Schlüsselverwaltung.',
      scope: () =>
        'Dieser Schlüssel öffnet MLflow nicht. Bitten Sie Ihre Schlüsselverwaltung um einen mit mlflow:access.',
      unavailable: () =>
        'Schlüssel können gerade nicht geprüft werden. Ihrer wurde nicht abgelehnt: Versuchen Sie es gleich noch einmal.',
      limited: (seconds) =>
        seconds > 0
          ? `Von Ihrer Adresse wurden zu viele Schlüssel abgelehnt. Versuchen Sie es in ${seconds} Sekunden wieder.`
          : 'Von Ihrer Adresse wurden zu viele Schlüssel abgelehnt. Versuchen Sie es in einer Minute wieder.',
      'too-often': () =>
        'Mit diesem Schlüssel wurde sich in der letzten Stunde zu oft angemeldet. Versuchen Sie es in einigen Minuten wieder.',
      'signed-out': () => 'Sie sind abgemeldet.',
      https: () =>
        'Die Anmeldung braucht eine sichere Verbindung. Öffnen Sie diese Seite mit https:// statt http://.',
    },
  },
  signOut: {
    title: 'Von MLflow abmelden',
    question: 'Das beendet die Sitzung in diesem Browser, in allen Fenstern.',
    submit: 'Abmelden',
  },
  session: {
    title: 'Ihre Sitzung',
    key: 'Schlüssel',
    keyId: 'Schlüssel-ID',
    user: 'Inhaber',
    scopes: 'Rechte',
    addresses: 'Erlaubte Adressen',
    keyEnds: 'Schlüssel endet',
    sessionEnds: 'Sitzung endet',
    hour: 'Übrig in dieser Stunde',
    burst: 'Übrig auf einmal',
    any: 'alle',
    none: 'keine',
    never: 'nie',
    unknown: 'unbekannt',
    left: (remaining, limit) =>
      `${remaining.toLocaleString('de')} von ${limit.toLocaleString('de')} Anfragen`,
    back: 'Zurück zu MLflow',
    signOut: 'Abmelden',
  },
  script: {
    ended: 'Ihre Sitzung ist beendet',
    endedAdvice: 'Melden Sie sich an, um hier weiterzuarbeiten. Nicht Gespeichertes geht verloren.',
    forbidden: 'Mit Ihrem Schlüssel ist das nicht erlaubt',
    signIn: 'Neu anmelden',
    signOut: 'Abmelden',
    session: 'Sitzung',
    close: 'Schließen',
  },
};
