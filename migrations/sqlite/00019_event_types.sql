-- +goose Up
-- Event types of tenants' own. schema_text and sample are JSON, as they were sent.
CREATE TABLE event_types (
    tenant_id     text    NOT NULL REFERENCES tenants (id),
    environment   text    NOT NULL,
    name          text    NOT NULL,
    group_name    text    NOT NULL,
    description   text    NOT NULL,
    schema_text   text    NOT NULL,
    sample        text    NOT NULL,
    created_at    integer NOT NULL,
    updated_at    integer NOT NULL,
    deprecated_at integer,
    PRIMARY KEY (tenant_id, environment, name)
);

-- +goose Down
DROP TABLE event_types;
