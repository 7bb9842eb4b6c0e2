/** What JMAP gives of mail (RFC 8621), as far as the page asks for it. */
export type Address = { readonly name: string | null; readonly email: string };

export type Role = 'inbox' | 'drafts' | 'sent' | 'archive' | 'junk' | 'trash' | 'all' | 'flagged' | 'important';

export type Mailbox = {
  readonly id: string;
  readonly name: string;
  readonly parentId: string | null;
  readonly role: Role | null;
  readonly sortOrder: number;
  readonly totalEmails: number;
  readonly unreadEmails: number;
  readonly totalThreads: number;
  readonly unreadThreads: number;
  readonly isSubscribed: boolean;
  readonly myRights: Readonly<Record<string, boolean>>;
};

export type BodyPart = {
  readonly partId: string | null;
  readonly blobId: string | null;
  readonly size: number;
  readonly name: string | null;
  readonly type: string;
  readonly charset: string | null;
  readonly disposition: string | null;
  readonly cid: string | null;
  readonly subParts?: readonly BodyPart[];
};

export type Email = {
  readonly id: string;
  readonly blobId: string;
  readonly threadId: string;
  readonly mailboxIds: Readonly<Record<string, true>>;
  readonly keywords: Readonly<Record<string, true>>;
  readonly size: number;
  readonly receivedAt: string;
  readonly sentAt: string | null;
  readonly messageId: readonly string[] | null;
  readonly inReplyTo: readonly string[] | null;
  readonly references: readonly string[] | null;
  readonly from: readonly Address[] | null;
  readonly to: readonly Address[] | null;
  readonly cc: readonly Address[] | null;
  readonly bcc: readonly Address[] | null;
  readonly replyTo: readonly Address[] | null;
  readonly subject: string | null;
  readonly hasAttachment: boolean;
  readonly preview: string;
  readonly bodyStructure: BodyPart;
  readonly textBody: readonly BodyPart[];
  readonly htmlBody: readonly BodyPart[];
  readonly attachments: readonly BodyPart[];
  readonly bodyValues: Readonly<Record<string, { readonly value: string; readonly isTruncated: boolean; readonly isEncodingProblem: boolean }>>;
};

export type Identity = {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly replyTo: readonly Address[] | null;
  readonly bcc: readonly Address[] | null;
  readonly textSignature: string;
  readonly htmlSignature: string;
  readonly mayDelete: boolean;
};

/** Answers of the standard methods (RFC 8620 section 5). */
export type GetAnswer<T> = { readonly state: string; readonly list: readonly T[]; readonly notFound: readonly string[] };
export type QueryAnswer = { readonly queryState: string; readonly canCalculateChanges: boolean; readonly position: number; readonly ids: readonly string[]; readonly total?: number };
export type SetError = { readonly type: string; readonly description?: string; readonly properties?: readonly string[] };
export type SetAnswer<T = Readonly<Record<string, unknown>>> = {
  readonly oldState: string | null;
  readonly newState: string;
  readonly created: Readonly<Record<string, T>> | null;
  readonly updated: Readonly<Record<string, unknown>> | null;
  readonly destroyed: readonly string[] | null;
  readonly notCreated: Readonly<Record<string, SetError>> | null;
  readonly notUpdated: Readonly<Record<string, SetError>> | null;
  readonly notDestroyed: Readonly<Record<string, SetError>> | null;
};
