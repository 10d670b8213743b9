-- +goose Up
ALTER TABLE endpoints ADD COLUMN last_failure_at integer;
CREATE INDEX endpoints_failing ON endpoints (failing_since, id) WHERE failing_since IS NOT NULL;

-- NULL is the installation's default.
CREATE TABLE alert_settings (
    tenant_id           text    NOT NULL,
    environment         text    NOT NULL,
    disable_after_hours integer,
    disable_failures    integer,
    updated_at          integer  NOT NULL,
    PRIMARY KEY (tenant_id, environment)
);

-- target is encrypted: the URL of a Slack channel is a secret.
CREATE TABLE alert_channels (
    id          text PRIMARY KEY,
    tenant_id   text    NOT NULL,
    environment text    NOT NULL,
    name        text    NOT NULL,
    type        text    NOT NULL,
    target      blob    NOT NULL,
    conditions  text    NOT NULL,
    enabled     integer NOT NULL,
    created_at  integer  NOT NULL,
    updated_at  integer  NOT NULL
);
CREATE INDEX alert_channels_by_age ON alert_channels (tenant_id, environment, created_at DESC, id DESC);

-- key names the condition and what it is about: however often it is met, there is one alert.
CREATE TABLE alerts (
    id          text PRIMARY KEY,
    tenant_id   text   NOT NULL,
    environment text   NOT NULL,
    condition   text   NOT NULL,
    key         text   NOT NULL,
    subject     text   NOT NULL,
    title       text   NOT NULL,
    message     text   NOT NULL,
    since       integer NOT NULL,
    created_at  integer NOT NULL,
    resolved_at integer,
    UNIQUE (tenant_id, environment, key)
);
CREATE INDEX alerts_by_age ON alerts (tenant_id, environment, created_at DESC, id DESC);
CREATE INDEX alerts_open ON alerts (subject) WHERE resolved_at IS NULL;
CREATE INDEX alerts_retention ON alerts (created_at);

-- next_attempt_at is NULL once a notification is final, so the index holds exactly what is still to be sent.
CREATE TABLE alert_notifications (
    id              text PRIMARY KEY,
    tenant_id       text    NOT NULL,
    alert_id        text    NOT NULL REFERENCES alerts (id) ON DELETE CASCADE,
    channel_id      text    NOT NULL,
    about           text    NOT NULL,
    status          text    NOT NULL,
    attempts        integer NOT NULL,
    error           text    NOT NULL,
    next_attempt_at integer,
    created_at      integer  NOT NULL,
    sent_at         integer,
    UNIQUE (alert_id, channel_id, about)
);
CREATE INDEX alert_notifications_due ON alert_notifications (next_attempt_at) WHERE next_attempt_at IS NOT NULL;

-- +goose Down
DROP TABLE alert_notifications;
DROP TABLE alerts;
DROP TABLE alert_channels;
DROP TABLE alert_settings;
DROP INDEX endpoints_failing;
ALTER TABLE endpoints DROP COLUMN last_failure_at;
